import { badInput } from '../errors.js';

export const DEFAULT_PAGE = 25;
export const MAX_PAGE = 200;

/** Throws BAD_USER_INPUT for a page of fewer rows than one, or of more than there may be. */
export function checkPageSize(first: number, most = MAX_PAGE): void {
  if (first < 1 || first > most) throw badInput(`\`first\` is ${first}; it must be from 1 to ${most}.`);
}

export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** A window over a list ordered by id, as the database is asked for it. */
export interface Page {
  size: number;
  /** `last` was asked for: read from the far end. */
  backward: boolean;
  after: string | null;
  before: string | null;
}

export interface PageRows<T> {
  rows: T[];
  /** There is more in the direction of reading. */
  more: boolean;
}

/** Reads the Relay arguments of the connection called `list`. Throws BAD_USER_INPUT naming the argument that is wrong. */
export function pageOf(list: string, args: PageArguments): Page {
  if (args.first != null && args.last != null) throw badInput('Give either `first` or `last`, not both.');
  const backward = args.last != null;
  const size = args.last ?? args.first ?? DEFAULT_PAGE;
  if (size < 1 || size > MAX_PAGE) {
    throw badInput(`\`${backward ? 'last' : 'first'}\` is ${size}; it must be from 1 to ${MAX_PAGE}.`);
  }
  return {
    size,
    backward,
    after: args.after == null ? null : readCursor(list, args.after),
    before: args.before == null ? null : readCursor(list, args.before),
  };
}

/** A cursor belongs to one list: given to another it is refused instead of giving a wrong page. */
export function writeCursor(list: string, key: string): string {
  return Buffer.from(JSON.stringify([list, key])).toString('base64url');
}

/** The key a cursor of this list stands for. Throws BAD_USER_INPUT for a cursor of another list. */
export function readCursor(list: string, cursor: string): string {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parsed) && parsed[0] === list && typeof parsed[1] === 'string') return parsed[1];
  } catch {
    // Falls through to the refusal: whatever is wrong with it, it is not a cursor of this list.
  }
  throw badInput(
    `"${cursor.slice(0, 60)}" is not a cursor of this list. Use a cursor of an earlier page of the same list.`,
  );
}

/** The two readings of one paged statement. `id` rises with time, so 'DESC' lists the newest first. */
export interface PagedStatement {
  order: 'ASC' | 'DESC';
  forward: string;
  backward: string;
}

/**
 * Makes both readings of a statement; `build` receives the window predicate and the ORDER BY … LIMIT tail for the variable. `by` is the
 * unique text that the rows are in order of, where that is not when they came.
 */
export function paged(
  variable: string,
  order: 'ASC' | 'DESC',
  build: (window: string, tail: string) => string,
  by = 'id',
): PagedStatement {
  const window = `${variable}.${by} > $low AND ${variable}.${by} < $high AND ${variable}.id < $viewer.ceiling`;
  const tail = (direction: string): string => `ORDER BY ${variable}.${by} ${direction} LIMIT $limit`;
  const opposite = order === 'ASC' ? 'DESC' : 'ASC';
  return { order, forward: build(window, tail(order)), backward: build(window, tail(opposite)) };
}

// Ids are lower-case hexadecimal, so these bounds take in all of them.
const LOWEST = '';
const HIGHEST = '~';

/** The statement to run for a page, with its window parameters. One row more than asked tells whether there is more. */
export function pageStatement(statement: PagedStatement, page: Page) {
  const [low, high] = statement.order === 'ASC' ? [page.after, page.before] : [page.before, page.after];
  return {
    cypher: page.backward ? statement.backward : statement.forward,
    window: { low: low ?? LOWEST, high: high ?? HIGHEST, limit: page.size + 1 },
  };
}

/** Cuts the extra row off and puts a backward page the right way round. */
export function cutPage<T>(rows: readonly T[], page: Page): PageRows<T> {
  const kept = rows.slice(0, page.size);
  return { rows: page.backward ? kept.reverse() : kept, more: rows.length > page.size };
}
