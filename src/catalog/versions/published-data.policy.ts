import { type Content, type NoContent } from '../../disk/content/content.js';
import { CsvReader, type Table } from '../../disk/content/csv.js';
import { algorithmOf, isForgeable, isKnown, OF_CHOICE } from '../../disk/content/digest.js';
import { readContent } from '../../disk/content/read-content.js';
import { typeOf } from '../../disk/content/csv-types.js';
import { type DataFolders, leadsTo } from '../../disk/data-folders.js';
import { causeOf } from '../../disk/disk-fault.js';
import { badInput, conflict } from '../../errors.js';
import { invisibleIn, spelt } from '../../spelling.js';
import { Turn } from '../../turn.js';
import type { ContentCheck } from './content-check.js';

/** So long may a publisher wait, also for others; what takes longer is published as not verified. */
const LONGEST_MS = 20_000;
const MOST_AT_ONCE = 2;
/** Between two looks at whether others have their turn. */
const PIECE_BYTES = 64 * 1024;

/** What a publisher says of the data; null: nothing. */
export interface Said {
  digest: string | null;
  bytes: bigint | null;
  rowCount: bigint | null;
}

export interface Seen extends Said {
  check: ContentCheck;
  /** The columns of a CSV file; null where there are none to tell. */
  fields: { name: string; type: string | null }[] | null;
}

export interface About {
  namespace: string;
  path: string;
  /** How a table is to be read; null: it is none, or not one that is read. */
  table: 'csv' | 'tsv' | null;
}

/** Reads what is being published, where the server may, and holds it against what is said of it. */
export class PublishedData {
  private waiting: Promise<unknown>[] = Array.from({ length: MOST_AT_ONCE }, () => Promise.resolve());
  private lane = 0;

  constructor(
    private readonly folders: DataFolders,
    private readonly now: () => Date,
    private readonly longestMs = LONGEST_MS,
  ) {}

  /** Whether it reads anything at all. */
  get reads(): boolean {
    return this.folders.any;
  }

  /**
   * What is said, with what is left out filled in. Only for who may publish there: the answer tells of the file. Throws
   * BAD_USER_INPUT where data and words differ, with both, and CONFLICT for what changes meanwhile.
   */
  async look(said: Said, about: About): Promise<Seen> {
    if (!this.folders.mayName(about.path, about.namespace)) return this.unread(said, OUTSIDE, null);
    const signal = AbortSignal.timeout(this.longestMs);
    try {
      return await this.inTurn(signal, () => this.read(said, about, signal));
    } catch (error) {
      if (error !== signal.reason) throw error;
      const { size } = await this.sizeOf(about);
      if (size !== null) compare('bytes', said.bytes, size);
      return this.unread({ ...said, bytes: said.bytes ?? size }, TOO_LONG, this.now());
    }
  }

  private async read(said: Said, about: About, signal: AbortSignal): Promise<Seen> {
    const mayRead = await this.folders.mayRead(about.namespace);
    const place = await leadsTo(about.path, mayRead);
    if (place === 'CLOSED') return this.unread(said, OUTSIDE, null);
    if (place === 'NOWHERE') return this.withoutContent(said, { found: 'NOTHING', why: 'is not there' });
    const algorithm = said.digest === null ? OF_CHOICE : algorithmOf(said.digest);
    const csv = about.table === null ? null : new CsvReader(about.table === 'tsv' ? '\t' : null);
    const turn = new Turn();
    const onBytes = async (chunk: Buffer): Promise<void> => {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        csv?.push(chunk.subarray(at, at + PIECE_BYTES));
        await turn.give();
      }
    };
    const content = await this.contentOf({
      ...{ path: about.path, signal, mayRead, algorithm: isKnown(algorithm) ? algorithm : null },
      ...(csv ? { onBytes } : {}),
    });
    return this.judge(said, content, csv && 'digest' in content && content.found === 'FILE' ? csv.end() : null);
  }

  private judge(said: Said, content: Content, table: Table | null): Seen {
    if ('why' in content) return this.withoutContent(said, content);
    const bytes = BigInt(content.bytes);
    const digest = 'digest' in content ? content.digest : null;
    compare('bytes', said.bytes, bytes);
    if (digest !== null) compare('digest', said.digest, digest);
    const rows = rowsOf(table);
    if (rows !== null) compare('rowCount', said.rowCount, rows);
    const fields = fieldsOf(table);
    const seen = { digest: said.digest ?? digest, bytes, rowCount: said.rowCount ?? rows, fields };
    return { ...seen, check: this.checkOf(seen.digest, digest) };
  }

  private checkOf(published: string | null, found: string | null): ContentCheck {
    const algorithm = algorithmOf(published ?? '');
    const at = this.now();
    if (found === null)
      return {
        state: 'NOT_VERIFIED',
        note: `Its digest is of the algorithm "${algorithm}", which is not known here.`,
        at,
      };
    if (!isForgeable(algorithm)) return { state: 'VERIFIED', note: null, at };
    const note = `It matches, but ${algorithm} tells no forged file from the true one. Publish with sha256.`;
    return { state: 'NOT_VERIFIED', note, at };
  }

  private withoutContent(said: Said, { found, why }: Pick<NoContent, 'found' | 'why'>): Seen {
    if (found === 'NOTHING')
      throw badInput(`\`uri\`: it ${why} on the server. Name what is there, or put it there first.`);
    if (found === 'CHANGING') throw conflict(`\`uri\`: it ${why}. Publish it once nobody writes there any more.`);
    return this.unread(said, `It ${why}.`, this.now());
  }

  private unread(said: Said, note: string, at: Date | null): Seen {
    return { ...said, fields: null, check: { state: 'NOT_VERIFIED', note, at } };
  }

  private async contentOf(question: Parameters<typeof readContent>[0]): Promise<Content> {
    try {
      return await readContent(question);
    } catch (error) {
      if (error === question.signal?.reason) throw error;
      return { found: 'UNREADABLE', why: `could not be read: ${causeOf(error)}` };
    }
  }

  private async sizeOf({ path, namespace }: About): Promise<{ size: bigint | null }> {
    const signal = AbortSignal.timeout(SIZE_MS);
    const question = { path, algorithm: null, signal, mayRead: await this.folders.mayRead(namespace) };
    const content = await readContent(question).catch(() => null);
    return { size: content !== null && 'bytes' in content && content.found === 'SIZE' ? BigInt(content.bytes) : null };
  }

  /** A few at a time: reading is work for the machine, and others ask other things. */
  private async inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const lane = this.lane++ % MOST_AT_ONCE;
    const mine = (this.waiting[lane] ?? Promise.resolve()).then(() => {
      signal.throwIfAborted();
      return work();
    });
    this.waiting[lane] = mine.catch(() => undefined);
    return await mine;
  }
}

const LONGEST_NAME = 500;
/** Stands for bytes that are no text. */
const NO_TEXT = '\uFFFD';
const SIZE_MS = 1_000;
const OUTSIDE =
  'It lies outside the folders that the server reads data of this namespace in (WEFTLINE_DATA_FOLDERS), so it was not looked at.';
const TOO_LONG = 'It could not be read in the time that a publisher waits. Publish large data with its digest.';

function compare(what: string, said: string | bigint | null, found: string | bigint): void {
  if (said === null || said === found) return;
  throw badInput(
    `\`${what}\` is ${said}, and what lies at \`uri\` has ${found}. Leave it out, or name the right data.`,
  );
}

/** null where the first line may be a row as well, of numbers or dates: then nobody knows how many there are. */
function rowsOf(table: Table | null): bigint | null {
  if (table === null || 'fault' in table) return null;
  return table.columns.every(({ name }) => typeOf(name) === 'string') ? table.rows : null;
}

/** Whether a field may be called so as it stands. */
const isName = (name: string): boolean =>
  name !== '' &&
  name.length <= LONGEST_NAME &&
  !name.includes(NO_TEXT) &&
  spelt(name) === name &&
  invisibleIn(name) === null;

/** null where the first line is no list of names that a data set could have. */
function fieldsOf(table: Table | null): Seen['fields'] {
  if (table === null || 'fault' in table || rowsOf(table) === null) return null;
  const names = table.columns.map(({ name }) => name);
  return names.every(isName) && new Set(names).size === names.length && names.length > 0 ? table.columns : null;
}
