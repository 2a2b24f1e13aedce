import { limitExceeded } from '../errors.js';

/**
 * How many characters one request may read from the database, all its statements together: the answer is counted when it
 * is written, and by then everything it is made of lies in memory, for each alias again.
 */
export class ReadBudget {
  private left: number;

  constructor(private readonly most: number) {
    this.left = most;
  }

  /** Counts what a row brings. Throws LIMIT_EXCEEDED once it is too much. */
  spend(row: unknown): void {
    this.left -= charactersIn(row);
    if (this.left >= 0) return;
    throw limitExceeded(
      `The request reads more than ${this.most} characters from the database. Ask for smaller pages with "first", or in several operations.`,
    );
  }
}

/** Texts, wherever they stand; a node of the driver keeps its own in `properties`. */
function charactersIn(row: unknown): number {
  let count = 0;
  const pending = [row];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === 'string') count += value.length;
    else if (Array.isArray(value)) for (const item of value) pending.push(item);
    else if (typeof value === 'object' && value !== null)
      for (const member of Object.values(value)) pending.push(member);
  }
  return count;
}
