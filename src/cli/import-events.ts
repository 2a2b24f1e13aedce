import { readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { errnoName } from '../disk/disk-fault.js';
import type { Outgoing } from '../importers/events/outgoing.js';
import { LineageDoor } from '../importers/sending/lineage-door.js';
import { sendEvents } from '../importers/sending/send-events.js';
import { SetupError } from '../neo4j/setup-error.js';
import { EXIT, UsageError, withFile } from './calling/command.js';

/** The options that every import has. */
export const IMPORT_OPTIONS = {
  server: { type: 'string' },
  'token-file': { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const;

export const IMPORT_USAGE = `  --server URL       the server, such as http://127.0.0.1:4000; else it is taken from WEFTLINE_URL
  --token-file FILE  a file that holds the token, of scope write or report; else it is taken from WEFTLINE_TOKEN
  --dry-run          prints the events, one a line, and sends nothing`;

interface ImportOptions {
  server?: string | undefined;
  'token-file'?: string | undefined;
  'dry-run'?: boolean | undefined;
}

/** Where events go: to a server, or to standard output. Made before anything is read, so that a mistake is told at once. */
export type Destination = (events: AsyncIterable<Outgoing> | Iterable<Outgoing>) => Promise<number>;

export async function destinationOf(options: ImportOptions): Promise<Destination> {
  if (options['dry-run'] === true) return printEvents;
  const server = serverOf(options.server ?? process.env['WEFTLINE_URL']);
  const token = await tokenFrom(options['token-file']);
  return (events) => deliver(events, server, token);
}

function serverOf(url: string | undefined): URL {
  if (url === undefined || url === '')
    throw new UsageError('There is no server: give --server, or set WEFTLINE_URL. With --dry-run, none is needed.');
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base === null || !/^https?:$/.test(base.protocol) || base.username !== '' || base.search !== '')
    throw new UsageError(
      'The server must be an address such as http://127.0.0.1:4000, without a token in it (--server or WEFTLINE_URL).',
    );
  return base;
}

async function tokenFrom(file: string | undefined): Promise<string> {
  const token =
    file === undefined ? process.env['WEFTLINE_TOKEN'] : await withFile(file, () => readFileSync(file, 'utf8'));
  if (token === undefined || token.trim() === '')
    throw new UsageError('There is no token: give --token-file, or set WEFTLINE_TOKEN.');
  if (!/^[\x21-\x7e]+$/.test(token.trim())) throw new UsageError('The token holds what no token holds: look at it.');
  return token.trim();
}

async function printEvents(events: AsyncIterable<Outgoing> | Iterable<Outgoing>): Promise<number> {
  async function* lines(): AsyncGenerator<string> {
    for await (const event of events) yield `${JSON.stringify(event)}\n`;
  }
  try {
    await pipeline(lines, process.stdout, { end: false });
    return EXIT.DONE;
  } catch (error) {
    // A reader that has heard enough, as head has, is no failure.
    if (errnoName(error) === 'EPIPE') return EXIT.DONE;
    throw error;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function deliver(
  events: AsyncIterable<Outgoing> | Iterable<Outgoing>,
  server: URL,
  token: string,
): Promise<number> {
  const interruption = new AbortController();
  const interrupt = (): void =>
    interruption.abort(new SetupError('Interrupted. What was sent is there; run it again.'));
  for (const signal of SIGNALS) process.once(signal, interrupt);
  try {
    const door = new LineageDoor({ server, token, signal: interruption.signal });
    const { sent, refused, reasons } = await sendEvents(events, door, tellProgress);
    endProgress();
    process.stdout.write(`${sent - refused} of ${sent} events were taken by ${server.origin}.\n`);
    const more = refused - reasons.length;
    for (const reason of reasons) process.stderr.write(`Refused: ${reason}\n`);
    if (more > 0) process.stderr.write(`… and ${more} more.\n`);
    return refused === 0 ? EXIT.DONE : EXIT.PROBLEMS;
  } finally {
    endProgress();
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

let isProgressShown = false;

/** On a terminal, one line that grows; elsewhere nothing, so that logs stay readable. */
function tellProgress(sent: number): void {
  if (!process.stderr.isTTY) return;
  isProgressShown = true;
  process.stderr.write(`\r${sent} events sent`);
}

function endProgress(): void {
  if (isProgressShown) process.stderr.write('\n');
  isProgressShown = false;
}
