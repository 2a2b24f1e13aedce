import 'reflect-metadata';
import { onOutputLost, runMain } from './run-main.js';
import { readConfig } from './config/config.js';
import { OVERTAKEN_EXIT_CODE } from './neo4j/migrations/migration-watch.js';
import { openLog } from './log.js';
import { SetupError } from './neo4j/setup-error.js';
import { type Running, start } from './start.js';

/** The process: reads the configuration, starts, says where, and stops on a signal. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = openLog(config.logLevel);
  onOutputLost((why) => logger.warn({ why }, 'What is said at the start could not be written.'));
  const interruption = new AbortController();
  let running: Running | null = null;
  const stop = (): void => {
    interruption.abort(new SetupError('Stopped before it had started.'));
    if (running) {
      const stopping = running.stop();
      void runMain(async () => {
        await stopping;
        print('Stopped.');
      });
    }
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  running = await start({ config, logger, print, signal: interruption.signal });
  if (interruption.signal.aborted) {
    await running.stop();
    return;
  }
  const { address, admin, adminTokenFile, overtaken } = running;
  void overtaken.then(() => {
    process.exitCode = OVERTAKEN_EXIT_CODE;
    stop();
  });
  print(`Weftline listens on ${address} (GraphQL at ${address}/graphql). Ctrl-C stops it.`);
  if (admin?.fresh)
    print(
      `Sign in as administrator: ${address}/#token=${admin.secret}\nThis is shown once; the token is kept in ${adminTokenFile}.`,
    );
  else if (admin) print(`The administrator's token is in ${adminTokenFile}: sign in at ${address}/#token=<token>`);
  else print('This database has an administrator already. Sign in with a token of yours, or make one: npm run token');
}

function print(message: string): void {
  process.stdout.write(`${message}\n`);
}

await runMain(main);
