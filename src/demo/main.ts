import 'reflect-metadata';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolderSync } from '../disk/make-folder.js';
import { failWhenOutputIsLost, runMain } from '../run-main.js';
import { type Config, readConfig } from '../config/config.js';
import { openLog } from '../log.js';
import { OVERTAKEN_EXIT_CODE } from '../neo4j/migrations/migration-watch.js';
import { SetupError } from '../neo4j/setup-error.js';
import { type Running, start } from '../start.js';
import { DemoClient } from './client.js';
import { type DbtProgram, findDbt } from './dbt-program.js';
import { Display } from './display.js';
import { walk } from './walk.js';

const HELP = `npm run demo [-- --exit] [--with dbt]
Starts Weftline, walks a real data set from the raw file to a served model through the public API, and leaves the server
running. With --exit, or WEFTLINE_DEMO_EXIT=1, it stops when the walk is done. With --with dbt, a real dbt makes the data
to go on with out of the raw file, and reports that by OpenLineage. Settings: see docs/configuration.md.
`;

/** `npm run demo`: the whole line on real data, in front of one's eyes. Ctrl-C ends it at any moment, and well. */
async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    print(HELP);
    return;
  }
  const dbt = readWith(process.argv) === 'dbt' ? findDbt(process.env) : null;
  const interruption = new AbortController();
  const { signal } = interruption;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => interruption.abort(new SetupError('Stopped before it had started.')));
  }
  try {
    await demonstrate(dbt, signal);
  } catch (error) {
    // What broke off because it was to stop is no failure.
    if (!signal.aborted) throw error;
  }
}

async function demonstrate(dbt: DbtProgram | null, signal: AbortSignal): Promise<void> {
  const config = readConfig(process.env);
  makeFolderSync(config.home);
  const logFile = join(config.home, 'weftline.log');
  const logger = openLog(config.logLevel, openSync(logFile, 'a', 0o600));
  const running = await start({ config, logger, print: (message) => print(`${message}\n`), signal });
  const stopped = new Promise<'stopped'>((resolve) => {
    if (signal.aborted) resolve('stopped');
    signal.addEventListener('abort', () => resolve('stopped'));
  });
  try {
    if ((await Promise.race([show(running, config, dbt, logFile), stopped])) === 'stopped') {
      print('Run it again to go on from where it was.\n');
      return;
    }
    if (process.argv.includes('--exit') || process.env['WEFTLINE_DEMO_EXIT'] === '1') return;
    print('Ctrl-C stops it.\n');
    const end = await Promise.race([stopped, running.overtaken.then(() => 'overtaken')]);
    if (end === 'overtaken') process.exitCode = OVERTAKEN_EXIT_CODE;
  } finally {
    await running.stop();
    print('Stopped.\n');
  }
}

/** The walk, and then how to look around. */
async function show(
  { address, admin }: Running,
  { home, policies }: Config,
  dbt: DbtProgram | null,
  logFile: string,
): Promise<void> {
  if (!admin) {
    throw new SetupError(
      'This database has an administrator whose token is not kept here: npm run token makes one, then run the demo again.',
    );
  }
  const cast = await walk(
    new DemoClient(address, admin.secret),
    { home, needsSecond: policies.needsSecond, dbt },
    new Display(print),
  );
  print(`Weftline is at ${address} and its log in ${logFile}.\n`);
  print(`Sign in as administrator:  ${address}/#token=${admin.secret}\n`);
  for (const { name, client } of [cast.dana, cast.sami, cast.noor])
    print(`        as ${name.padEnd(16)} ${address}/#token=${client.token}\n`);
}

/** What the demo is run with; null: nothing but itself. Throws a SetupError for what it cannot be run with. */
function readWith(args: readonly string[]): 'dbt' | null {
  const at = args.findIndex((each) => each === '--with' || each.startsWith('--with='));
  if (at === -1) return null;
  const given = args[at]?.startsWith('--with=') ? args[at].slice('--with='.length) : args[at + 1];
  if (given === 'dbt') return given;
  const said = given === undefined || given === '' ? 'it names nothing' : `it names "${given}"`;
  throw new SetupError(`--with says what the demo is run with, and ${said}: dbt is all that there is.`);
}

function print(text: string): void {
  process.stdout.write(text);
}

failWhenOutputIsLost();
await runMain(main);
