import type { WriteTransaction } from '../../neo4j/graph.js';
import type { BreakGlass, BreakGlassChange } from './break-glass.js';

/** Tells others what becomes of an emergency, in the transaction in which it does. */
export interface TellsOfBreakGlass {
  breakGlassChanged(tx: WriteTransaction, glass: BreakGlass, change: BreakGlassChange, at: Date): Promise<void>;
}
