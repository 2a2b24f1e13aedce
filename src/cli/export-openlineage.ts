import type { FileHandle } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { createFileOf } from '../disk/whole-file.js';
import { isThere } from '../disk/presence.js';
import { SetupError } from '../neo4j/setup-error.js';
import { type Command, EXIT, readArgument, required, UsageError, withFile } from './command.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `npx weft export openlineage`: fetches the lineage of an asset from a server into a file of events. */
export const exportOpenlineage: Command = {
  usage: `npx weft export openlineage ASSET --out FILE [OPTIONS]

Fetches the lineage of an asset from a server into a file: events of OpenLineage, one a line, that rebuild it elsewhere.
ASSET is its id or urn. What the owner of the token may not see is left out, and how much that is is said.

  --out FILE         the file to write; one that is there is not overwritten
  --direction WAY    upstream, where it is not said, downstream or both
  --server URL       the server, such as http://127.0.0.1:4000; else it is taken from WEFTLINE_URL
  --token-file FILE  a file that holds the token, of scope read; else it is taken from WEFTLINE_TOKEN

Exit code: 0 it was fetched, 1 it was not, 2 wrong usage.`,

  async run(args) {
    const { argument: asset, options } = readArgument(
      args,
      {
        ...{ out: { type: 'string' }, direction: { type: 'string' } },
        ...{ server: { type: 'string' }, 'token-file': { type: 'string' } },
      },
      'asset',
    );
    const out = required(options.out, '--out');
    const address = addressOf(options.server ?? process.env['WEFTLINE_URL']);
    address.searchParams.set('asset', asset);
    if (options.direction !== undefined) address.searchParams.set('direction', options.direction);
    const token = await tokenFrom(options['token-file']);
    if (await withFile(out, () => isThere(out))) throw new UsageError(alreadyThere(out));
    const { lines, withheld } = await fetchLineage(address, token, out);
    const left = withheld === '0' ? '' : ` ${withheld} assets were withheld: you may not see them.`;
    process.stdout.write(`The lineage was written to ${out}: ${lines} events.${left}\n`);
    return EXIT.DONE;
  },
};

const alreadyThere = (out: string): string => `${out}: this file is there already, and is not overwritten.`;

function addressOf(url: string | undefined): URL {
  const base = url !== undefined && URL.canParse(url) ? new URL(url) : null;
  if (base === null || !/^https?:$/.test(base.protocol) || base.username !== '' || base.search !== '')
    throw new UsageError(
      'The server must be an address such as http://127.0.0.1:4000, without a token in it (--server or WEFTLINE_URL).',
    );
  return new URL('/api/v1/export/openlineage', base);
}

async function tokenFrom(file: string | undefined): Promise<string> {
  const token =
    file === undefined ? process.env['WEFTLINE_TOKEN'] : await withFile(file, () => readFileSync(file, 'utf8'));
  if (token === undefined || token.trim() === '')
    throw new UsageError('There is no token: give --token-file, or set WEFTLINE_TOKEN.');
  return token.trim();
}

/** A file under its name is a whole export: whatever goes wrong before, nothing is kept. */
async function fetchLineage(address: URL, token: string, out: string): Promise<{ lines: number; withheld: string }> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort(new SetupError('Interrupted; nothing was kept.'));
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    const response = await ask(address, token, interruption.signal);
    let lines = 0;
    const fill = async (file: FileHandle): Promise<void> => {
      lines = await copy(response, file, interruption.signal);
    };
    if (!(await withFile(out, () => createFileOf(out, fill)))) throw new UsageError(alreadyThere(out));
    return { lines, withheld: response.headers.get('x-weftline-withheld-assets') ?? '0' };
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
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
  if (response.ok) return response;
  const answer = (await response.json().catch(() => null)) as { errors?: { message?: string }[] } | null;
  throw new SetupError(
    `The server refused (${response.status}): ${answer?.errors?.[0]?.message ?? 'it did not say why.'}`,
  );
}

/** Its last line says how much there is: one without was cut off. */
async function copy({ body }: Response, file: FileHandle, signal: AbortSignal): Promise<number> {
  let lines = 0;
  let last = '';
  try {
    for await (const chunk of body ?? []) {
      for (const byte of chunk as Uint8Array) if (byte === 0x0a) lines += 1;
      last = (last + Buffer.from(chunk as Uint8Array).toString('latin1')).slice(-1_000_000);
      await file.writeFile(chunk as Uint8Array);
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw new SetupError('The connection broke before the lineage was whole; nothing was kept. Try again.', { cause });
  }
  const isWhole = last.endsWith('\n') && (last.trimEnd().split('\n').at(-1)?.includes('"weftline_export"') ?? false);
  if (!isWhole) throw new SetupError('The server ended before the lineage did; nothing was kept. Try again.');
  return lines;
}
