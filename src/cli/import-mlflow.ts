import { setTimeout as sleep } from 'node:timers/promises';
import { Changes } from '../importers/mlflow/changes.js';
import { MlflowReader, type Progress } from '../importers/mlflow/mlflow-events.js';
import { type Credentials, TrackingApi, TrackingUnreachable } from '../importers/mlflow/tracking-api.js';
import { TrackingServer } from '../importers/mlflow/tracking-server.js';
import type { Outgoing } from '../importers/events/outgoing.js';
import { DoorClosed } from '../importers/sending/lineage-door.js';
import { SetupError } from '../neo4j/setup-error.js';
import { type Command, EXIT, readOptions, required, UsageError } from './calling/command.js';
import { type Destination, destinationOf, IMPORT_OPTIONS, IMPORT_USAGE } from './import-events.js';

const INTERVAL_SECONDS = 10;
const LONGEST_WAIT_MS = 60_000;

/** `npx weft import mlflow`: brings in what a tracking server of MLflow knows, once, or again and again. */
export const importMlflow: Command = {
  usage: `npx weft import mlflow --tracking-uri URL [OPTIONS]

Brings in the experiments, runs and models of an MLflow server, deleted ones too: nested runs, data sets with their digests,
parameters, tags, metrics with their history, logged models, registered models with versions, aliases and stages. Who asks is
taken from MLFLOW_TRACKING_TOKEN, or from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.

${IMPORT_USAGE}
  --tracking-uri URL the MLflow server, such as http://127.0.0.1:5000; else it is taken from MLFLOW_TRACKING_URI
  --experiment NAME  this experiment alone, and the models that its runs made; may be given several times
  --namespace NS     how names of this server begin; else mlflow://HOST:PORT
  --follow           goes on, and brings in what changes, until it is interrupted
  --interval SECONDS how often --follow looks; ${INTERVAL_SECONDS} where it is not said

Exit code: 0 all was taken, 1 something was not, 2 wrong usage.`,

  async run(args) {
    const options = readOptions(args, {
      ...IMPORT_OPTIONS,
      'tracking-uri': { type: 'string' },
      experiment: { type: 'string', multiple: true },
      namespace: { type: 'string' },
      follow: { type: 'boolean' },
      interval: { type: 'string' },
    });
    const server = trackingServer(
      required(options['tracking-uri'] ?? process.env['MLFLOW_TRACKING_URI'], '--tracking-uri'),
    );
    const interval = secondsOf(options.interval);
    const deliver = await destinationOf(options);
    const interruption = new AbortController();
    const interrupt = (): void =>
      interruption.abort(new SetupError('Interrupted. What was sent is there; run it again.'));
    for (const signal of SIGNALS) process.on(signal, interrupt);
    try {
      const api = new TrackingApi({ server, credentials: credentials(), signal: interruption.signal });
      const reader = new MlflowReader(new TrackingServer(api), {
        namespace: options.namespace ?? namespaceOf(server),
        experiments: options.experiment ?? [],
        tell: tellRead,
      });
      if (options.follow === true) return await follow(reader, deliver, { interval, signal: interruption.signal });
      const code = await deliver(reader.read());
      process.stderr.write(`${shown(reader.progress)} were read.\n`);
      return code;
    } finally {
      for (const signal of SIGNALS) process.off(signal, interrupt);
    }
  },
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Looks again and again, also after a server was away; ends well when it is interrupted. */
async function follow(
  reader: MlflowReader,
  deliver: Destination,
  { interval, signal }: { interval: number; signal: AbortSignal },
): Promise<number> {
  const changes = new Changes(() => new Date());
  let code: number = EXIT.DONE;
  let failures = 0;
  for (;;) {
    try {
      const taken = await bringChanges(reader, changes, deliver);
      if (taken !== EXIT.DONE) code = taken;
      failures = 0;
    } catch (error) {
      if (isAborted(signal)) return stopped(code);
      if (!(error instanceof TrackingUnreachable || error instanceof DoorClosed)) throw error;
      changes.lost();
      reader.forget();
      failures += 1;
      process.stderr.write(`${error.message} It is tried again.\n`);
    }
    await sleep(Math.min(interval * 2 ** failures, Math.max(LONGEST_WAIT_MS, interval)), undefined, { signal }).catch(
      () => undefined,
    );
    if (isAborted(signal)) return stopped(code);
  }
}

function stopped(code: number): number {
  process.stderr.write('Stopped following.\n');
  return code;
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted;

async function bringChanges(reader: MlflowReader, changes: Changes, deliver: Destination): Promise<number> {
  const changed: Outgoing[] = [];
  for await (const event of reader.read()) {
    const said = changes.of(event);
    if (said !== null) changed.push(said);
    // What is there already may be very much: it is sent as it is read.
    if (changed.length === AT_A_TIME) await deliver(changed.splice(0));
  }
  const code = changed.length === 0 ? EXIT.DONE : await deliver(changed);
  changes.arrived();
  return code;
}

const AT_A_TIME = 5_000;

function trackingServer(said: string): URL {
  const url = URL.canParse(said) ? new URL(said) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new UsageError(
      '--tracking-uri is the address of a server, such as http://127.0.0.1:5000. Of a store on disk, start one: mlflow server --backend-store-uri …',
    );
  if (url.username !== '' || url.password !== '')
    throw new UsageError(
      '--tracking-uri holds a name or a password: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.',
    );
  return url;
}

function namespaceOf({ hostname, port, protocol, pathname }: URL): string {
  const path = pathname.replace(/\/$/, '');
  return `mlflow://${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}${path}`;
}

function credentials(): Credentials {
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: username } = process.env;
  if (token !== undefined && token !== '') {
    if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError('MLFLOW_TRACKING_TOKEN holds what no token holds.');
    return { token };
  }
  if (username === undefined || username === '') return null;
  return { username, password: process.env['MLFLOW_TRACKING_PASSWORD'] ?? '' };
}

function secondsOf(said: string | undefined): number {
  if (said === undefined) return INTERVAL_SECONDS * 1_000;
  if (!/^[1-9]\d{0,4}$/.test(said))
    throw new UsageError(`--interval is a whole number of seconds from 1 on, and not ${said}.`);
  return Number(said) * 1_000;
}

const shown = ({ experiments, runs, models, versions }: Progress): string =>
  `${runs} runs of ${experiments} experiments, and ${models} registered models with ${versions} versions`;

/** On a terminal, one line that grows. */
function tellRead(progress: Progress): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${shown(progress)}`);
}
