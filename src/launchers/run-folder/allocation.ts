import type { ProcessIdentity } from '../machine/process-identity.js';

/** What a program is given for as long as it runs. */
export interface Allocation {
  /** By index, or by id where an engine tells ids. */
  gpus: readonly (number | string)[];
  /** By index, for this program alone; none for one that may run on any. */
  cpus: readonly number[];
  /** In bytes: a program that uses more is killed. Null: the supervisor does not look. */
  memoryBytes: number | null;
}

/** How a supervisor comes to run a program, and on what. */
export interface Allocator {
  /**
   * Claims the run for the owner and says what its program may use. Null when there is nothing for it to do: another has
   * the run, or its turn has not come.
   */
  claim(owner: ProcessIdentity): Promise<Allocation | null>;
  /** Gives back what it brought; again, it does nothing. */
  release(): Promise<void>;
}
