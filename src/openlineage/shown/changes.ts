import type { Lifecycle } from '../event/facets.js';
import type { Said } from './reported.js';

export const LIFECYCLE_CHANGES = [
  'ALTER',
  'CREATE',
  'DROP',
  'OVERWRITE',
  'RENAME',
  'TRUNCATE',
] as const satisfies readonly Lifecycle['change'][];
export type LifecycleChange = (typeof LIFECYCLE_CHANGES)[number];

/** What became of a data set once, by what a producer said. */
export interface DatasetChange extends Said {
  __typename: string;
  id: string;
  /** In the order of times. */
  place: string;
  assetId: string;
  change: LifecycleChange;
  runId: string | null;
  /** Of the name it had before; null: it had none that is known. */
  fromKey: string | null;
}
