import { badInput } from '../errors.js';
import type { Graph, QueryOrigin } from '../neo4j/graph.js';
import { SealedCursors } from './sealed-cursor.js';

/** The header of an answer that tells the token of a write, and of a request that names what it has to have seen. */
export const CONSISTENCY_HEADER = 'weftline-consistency';

/** Description of the argument `consistency` of a root field. */
export const CONSISTENCY_ARGUMENT =
  'The consistency token of a write, from `extensions.consistency` of its answer: what it wrote is surely there, so that nothing means none.';

const MAX_TOKENS = 20;
/** Characters. A token holds a bookmark of each write of one request. */
const MAX_LENGTH = 4_000;
const VERSION = 1;

/**
 * Consistency tokens: what a write leaves in the hands of its caller, and what a read of any server waits for. A token is
 * the bookmarks of its transactions, sealed with the secret that all servers of a database share, so that it tells nothing
 * and none can be made up: a bookmark that will never come would hold a connection until the wait is over.
 */
export class Consistency {
  private readonly seals: SealedCursors;

  constructor(
    private readonly graph: Pick<Graph, 'catchUp'>,
    secret: string,
  ) {
    this.seals = new SealedCursors(secret, 'consistency');
  }

  /** The token of what the request has done so far; null when it has not met the database. */
  tokenOf({ bookmarks }: QueryOrigin): string | null {
    const latest = bookmarks?.latest() ?? [];
    return latest.length === 0 ? null : this.seals.seal([VERSION, ...latest]);
  }

  /**
   * Waits until this server reads all that the tokens stand for; from then on each read of it does. Throws BAD_USER_INPUT
   * for a token that is none of this installation, UNAVAILABLE when it takes too long.
   */
  async reach(origin: QueryOrigin, tokens: readonly string[]): Promise<void> {
    if (tokens.length > MAX_TOKENS) {
      throw badInput(
        `The request names ${tokens.length} consistency tokens; at most ${MAX_TOKENS} are possible. Give those of the latest writes.`,
      );
    }
    const bookmarks = new Set(tokens.flatMap((token) => this.bookmarksIn(token)));
    if (bookmarks.size > 0) await this.graph.catchUp(origin, [...bookmarks]);
  }

  private bookmarksIn(token: string): string[] {
    if (token.length > MAX_LENGTH) {
      throw badInput(
        `A consistency token of ${token.length} characters is none of Weftline, whose have at most ${MAX_LENGTH}.`,
      );
    }
    const [version, ...bookmarks] = this.opened(token);
    if (version === VERSION && bookmarks.every((each) => typeof each === 'string')) return bookmarks;
    throw badInput(
      `The consistency token "${shown(token)}" is of another version of Weftline. Leave it out, or write again and use the new one.`,
    );
  }

  private opened(token: string): unknown[] {
    const position = this.seals.tryOpen(token);
    if (position !== null) return position;
    throw badInput(
      `"${shown(token)}" is not a consistency token of this Weftline: it was changed on its way, or is of another installation. Give the one that a write here answered, as it was, or none.`,
    );
  }
}

/** The tokens of a header: several are separated by commas. */
export function tokensInHeader(header: string | readonly string[] | undefined): string[] {
  const text = typeof header === 'string' ? header : (header ?? []).join(',');
  return text
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '');
}

/** The tokens in the `extensions` of a request: `consistency` is one or a list of them. Throws BAD_USER_INPUT for anything else. */
export function tokensInExtensions(extensions: unknown): string[] {
  const given: unknown = (extensions as { consistency?: unknown } | null | undefined)?.consistency ?? [];
  const tokens: unknown[] = Array.isArray(given) ? given : [given];
  if (tokens.every((token) => typeof token === 'string')) return tokens;
  throw badInput('`extensions.consistency` is a consistency token or a list of them, as text.');
}

const shown = (token: string): string => `${token.slice(0, 24)}${token.length > 24 ? '…' : ''}`;
