import { ConfigError } from '../config.js';
import { diskFault } from '../disk/disk-fault.js';
import { MigrationError, NewerDatabaseError } from '../neo4j/migration-file.js';
import { OVERTAKEN_EXIT_CODE } from '../neo4j/migration-watch.js';
import { SetupError } from '../neo4j/setup-error.js';

/** What a person at a terminal is told of an error: one clear sentence for what they can mend, the stack for what they cannot. */
export function explain(error: unknown): string {
  const ours = error instanceof ConfigError || error instanceof SetupError || error instanceof MigrationError;
  if (ours) return error.message;
  const fault = diskFault(error);
  if (fault !== null && error instanceof Error && !('code' in error && error.code === 'ENOENT'))
    return `${fileOf(error)}: ${fault}.`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function fileOf(error: Error): string {
  return 'path' in error && typeof error.path === 'string' ? error.path : error.message;
}

/**
 * Runs the main of a process; an error ends it with 1 and its explanation on stderr, and with 78 where the database is of a
 * newer Weftline.
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = error instanceof NewerDatabaseError ? OVERTAKEN_EXIT_CODE : 1;
  }
}
