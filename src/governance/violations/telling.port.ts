import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Violation } from './violation.js';
import type { ViolationChange } from './violation.feed.js';

/** Tells others that a violation began or ended, in the transaction in which it does. */
export interface TellsOfViolations {
  violationChanged(tx: WriteTransaction, violation: Violation, change: ViolationChange, at: Date): Promise<void>;
}
