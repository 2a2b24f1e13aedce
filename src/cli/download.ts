import type { FileHandle } from 'node:fs/promises';
import { isThere } from '../disk/presence.js';
import { createFileOf } from '../disk/whole-file.js';
import { SetupError } from '../neo4j/setup-error.js';
import { UsageError, withFile } from './calling/command.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Bytes of the end of what came that are looked at: the last line is shorter. */
const TAIL = 65_536;

/** What is fetched, and into which file. */
export interface Download {
  address: URL;
  token: string;
  out: string;
  /** "log": as sentences call it. */
  what: string;
  /** Whether what ends so is whole: servers say in the last line that nothing follows. */
  isWhole: (tail: string) => boolean;
}

/** Throws UsageError for a file that is there: none is overwritten. */
export async function checkIsNew(out: string): Promise<void> {
  if (await withFile(out, () => isThere(out))) throw alreadyThere(out);
}

/**
 * Fetches lines into a file, and answers how many, with the headers of the answer. A file under its name is a whole export: whatever goes
 * wrong before, nothing is kept. Throws UsageError for a file that is there, SetupError for all else.
 */
export async function download(wanted: Download): Promise<{ lines: number; headers: Headers }> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort(new SetupError('Interrupted; nothing was kept.'));
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    const response = await ask(wanted, interruption.signal);
    let lines = 0;
    const fill = async (file: FileHandle): Promise<void> => {
      lines = await copy(response, { ...wanted, file, signal: interruption.signal });
    };
    if (!(await withFile(wanted.out, () => createFileOf(wanted.out, fill)))) throw alreadyThere(wanted.out);
    return { lines, headers: response.headers };
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

const alreadyThere = (out: string): UsageError =>
  new UsageError(`${out}: this file is there already, and is not overwritten.`);

async function ask({ address, token }: Download, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, { headers: { authorization: `Bearer ${token}` }, redirect: 'error', signal });
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new SetupError(`${address.origin} cannot be reached: ${why}`, { cause });
  }
  if (response.ok && response.body !== null) return response;
  const answer = (await response.json().catch(() => null)) as { errors?: { message?: string }[] } | null;
  throw new SetupError(
    `The server refused (${response.status}): ${answer?.errors?.[0]?.message ?? 'it did not say why.'}`,
  );
}

async function copy(
  { body }: Response,
  { file, what, isWhole, signal }: Download & { file: FileHandle; signal: AbortSignal },
): Promise<number> {
  let lines = 0;
  let tail = '';
  for await (const chunk of chunksOf(body, { what, signal })) {
    for (const byte of chunk) if (byte === 0x0a) lines += 1;
    tail = (tail + Buffer.from(chunk.subarray(-TAIL)).toString('latin1')).slice(-TAIL);
    await file.writeFile(chunk);
  }
  if (!tail.endsWith('\n') || !isWhole(tail))
    throw new SetupError(`The server ended before the ${what} did; nothing was kept. Try again.`);
  return lines;
}

/** What the server sends; whatever breaks it off is told in a sentence. */
async function* chunksOf(
  body: Response['body'],
  { what, signal }: { what: string; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body ?? []) yield chunk as Uint8Array;
  } catch (cause) {
    signal.throwIfAborted();
    throw new SetupError(`The connection broke before the ${what} was whole; nothing was kept. Try again.`, { cause });
  }
}
