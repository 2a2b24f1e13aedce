import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { destination, pino } from 'pino';
import { runMain } from '../cli/explain.js';
import { readConfig } from '../config.js';
import { SetupError } from '../neo4j/setup-error.js';
import { start } from '../start.js';
import { DemoClient } from './client.js';
import { Display } from './display.js';
import { walk } from './walk.js';

const HELP = `npm run demo [-- --exit]
Starts Weftline, walks a real data set from the raw file to a served model through the public API, and leaves the server
running. With --exit, or WEFTLINE_DEMO_EXIT=1, it stops when the walk is done. Settings: see the README.
`;

/** `npm run demo`: the whole line on real data, in front of one's eyes. */
async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    print(HELP);
    return;
  }
  const config = readConfig(process.env);
  mkdirSync(config.home, { recursive: true, mode: 0o700 });
  const logFile = join(config.home, 'weftline.log');
  const logger = pino({ level: config.logLevel }, destination({ dest: logFile, sync: false }));
  const interruption = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        interruption.abort(new SetupError('Stopped. Run it again to go on where it was.'));
        resolve();
      });
    }
  });
  const running = await start({
    config,
    logger,
    print: (message) => print(`${message}\n`),
    signal: interruption.signal,
  });
  try {
    if (!running.admin)
      throw new SetupError(
        'This database has an administrator whose token is not kept here: npm run token makes one, then run the demo again.',
      );
    const display = new Display(print);
    const admin = new DemoClient(running.address, running.admin.secret);
    const walking = walk(admin, config.home, display);
    const ended = await Promise.race([walking, stopped.then(() => null)]);
    if (ended === null) return;
    print(`Weftline is at ${running.address} and its log in ${logFile}.\n`);
    print(`Sign in as administrator:  ${running.address}/#token=${running.admin.secret}\n`);
    for (const person of [ended.cast.dana, ended.cast.sami, ended.cast.noor]) {
      print(`        as ${person.name.padEnd(16)} ${running.address}/#token=${person.client.token}\n`);
    }
    if (process.argv.includes('--exit') || process.env['WEFTLINE_DEMO_EXIT'] === '1') return;
    print('Ctrl-C stops it.\n');
    await stopped;
  } finally {
    await running.stop();
    print('Stopped.\n');
  }
}

function print(text: string): void {
  process.stdout.write(text);
}

await runMain(main);
