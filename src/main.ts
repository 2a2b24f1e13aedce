import 'reflect-metadata';
import { pino } from 'pino';
import { ConfigError, readConfig } from './config.js';
import { MigrationError } from './neo4j/migration-file.js';
import { SetupError } from './neo4j/setup-error.js';
import { type Running, start } from './start.js';

/** The process: reads the configuration, starts, says where, and stops on a signal. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = pino({ level: config.logLevel });
  const interruption = new AbortController();
  let running: Running | null = null;
  const stop = (): void => {
    interruption.abort(new SetupError('Stopped before it had started.'));
    void running?.stop().then(() => print('Stopped.'));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  running = await start({ config, logger, print, signal: interruption.signal });
  if (interruption.signal.aborted) {
    await running.stop();
    return;
  }
  const { address, admin, adminTokenFile } = running;
  print(`Weftline listens on ${address} (GraphQL at ${address}/graphql). Ctrl-C stops it.`);
  if (admin.fresh)
    print(
      `Sign in as administrator: ${address}/#token=${admin.secret}\nThis is shown once; the token is kept in ${adminTokenFile}.`,
    );
  else print(`The administrator's token is in ${adminTokenFile}: sign in at ${address}/#token=<token>`);
}

function print(message: string): void {
  process.stdout.write(`${message}\n`);
}

/** One clear sentence for what a person can mend; the stack for what they cannot. */
function explain(error: unknown): string {
  const ours = error instanceof ConfigError || error instanceof SetupError || error instanceof MigrationError;
  if (ours) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
