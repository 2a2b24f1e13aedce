import { readFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type Command, EXIT, readOptions, required, UsageError, withFile } from './command.js';
import { isThere } from '../disk/presence.js';
import { createFileOf } from '../disk/whole-file.js';
import { SetupError } from '../neo4j/setup-error.js';

/** `npx weft audit export`: fetches the whole audit log from a server into a file, for `audit verify`. */
export const auditExport: Command = {
  usage: `npx weft audit export --url URL --out FILE [--token-file FILE]

Fetches the whole audit log from a server into a file. The token must be of an ADMIN or an AUDITOR.

  --url URL          the server, such as http://127.0.0.1:4000
  --out FILE         the file to write; one that is there is not overwritten
  --token-file FILE  a file that holds the token; else it is taken from WEFTLINE_TOKEN

A token is never an argument: arguments can be read by every user of the machine.

Exit code: 0 the log was fetched, 1 it was not, 2 wrong usage.`,

  async run(args) {
    const options = readOptions(args, {
      url: { type: 'string' },
      out: { type: 'string' },
      'token-file': { type: 'string' },
    });
    const address = addressOf(required(options.url, '--url'));
    const out = required(options.out, '--out');
    const token = await tokenFrom(options['token-file']);
    if (await withFile(out, () => isThere(out))) throw new UsageError(alreadyThere(out));
    const lines = await fetchLog(address, token, out);
    process.stdout.write(`The audit log was written to ${out}: ${lines} lines. Check it with npx weft audit verify.\n`);
    return EXIT.DONE;
  },
};

function addressOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || !/^https?:$/.test(base.protocol) || base.username !== '' || base.search !== '') {
    throw new UsageError(
      '--url must be the address of a server, such as http://127.0.0.1:4000, without a token in it.',
    );
  }
  return new URL('/audit/export', base);
}

async function tokenFrom(file: string | undefined): Promise<string> {
  const token =
    file === undefined ? process.env['WEFTLINE_TOKEN'] : await withFile(file, () => readFileSync(file, 'utf8'));
  if (token === undefined || token.trim() === '')
    throw new UsageError('There is no token: give --token-file, or set WEFTLINE_TOKEN.');
  return token.trim();
}

const alreadyThere = (out: string): string => `${out}: this file is there already, and is not overwritten.`;

/** A file under its name is a whole export: whatever goes wrong before, nothing is kept. Answers its lines. */
async function fetchLog(address: URL, token: string, out: string): Promise<number> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort(new SetupError('Interrupted; nothing was kept.'));
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    const response = await ask(address, token, interruption.signal);
    const end = new ExportEnd();
    const fill = (file: FileHandle): Promise<void> => copy(response, { file, end, signal: interruption.signal });
    if (!(await withFile(out, () => createFileOf(out, fill)))) throw new UsageError(alreadyThere(out));
    return end.lines;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function copy(
  { body }: Response,
  { file, end, signal }: { file: FileHandle; end: ExportEnd; signal: AbortSignal },
): Promise<void> {
  for await (const chunk of chunksOf(body, signal)) {
    end.see(chunk);
    await file.writeFile(chunk);
  }
  if (!end.isWhole) throw new SetupError('The server ended before the log did; nothing was kept. Try again.');
}

/** What the server sends; whatever breaks it off is told in a sentence. */
async function* chunksOf(body: Response['body'], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body ?? []) yield chunk as Uint8Array;
  } catch (cause) {
    signal.throwIfAborted();
    throw new SetupError('The connection broke before the log was whole; nothing was kept. Try again.', { cause });
  }
}

async function ask(address: URL, token: string, signal: AbortSignal): Promise<Response> {
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

/** Counts lines, and knows at the end whether the last one was the checkpoint that ends an export. */
class ExportEnd {
  lines = 0;
  private last = '';

  get isWhole(): boolean {
    return this.last.endsWith('\n') && this.last.includes('{"checkpoint":');
  }

  see(chunk: Uint8Array): void {
    for (const byte of chunk) if (byte === 0x0a) this.lines += 1;
    this.last = (this.last + Buffer.from(chunk.subarray(-4_096)).toString('latin1')).slice(-4_096);
  }
}
