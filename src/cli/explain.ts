import { ConfigError } from '../config.js';
import { MigrationError } from '../neo4j/migration-file.js';
import { SetupError } from '../neo4j/setup-error.js';

/** What a person at a terminal is told of an error: one clear sentence for what they can mend, the stack for what they cannot. */
export function explain(error: unknown): string {
  const ours = error instanceof ConfigError || error instanceof SetupError || error instanceof MigrationError;
  if (ours) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Runs the main of a process; an error ends it with 1 and its explanation on stderr. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}
