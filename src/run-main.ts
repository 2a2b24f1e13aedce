import { ConfigError } from './config/config.js';
import { causeOf, diskFault, errnoName } from './disk/disk-fault.js';
import { MigrationError, NewerDatabaseError } from './neo4j/migrations/migration-file.js';
import { OVERTAKEN_EXIT_CODE } from './neo4j/migrations/migration-watch.js';
import { SetupError } from './neo4j/setup-error.js';

/** What a person at a terminal is told of an error: one clear sentence for what they can mend, the stack for what they cannot. */
export function explain(error: unknown): string {
  const ours = error instanceof ConfigError || error instanceof SetupError || error instanceof MigrationError;
  if (ours) return error.message;
  if (error instanceof Error && diskFault(error) !== null)
    return `${pathOf(error)}${WITH_PATH[errnoName(error) ?? ''] ?? causeOf(error)}.`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Of the one file, where it is known. */
const WITH_PATH: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of this path is a file, and a folder is wanted',
};

/** The file or folder the system speaks of, for who is at the terminal of this machine. */
function pathOf(error: Error): string {
  const path = 'dest' in error ? error.dest : 'path' in error ? error.path : null;
  return typeof path === 'string' ? `${path}: ` : '';
}

/**
 * What to do when standard output takes nothing more, as a file on a full disk: called with why, in our words. A reader that
 * has heard enough and closed its pipe is no such case, and ends what would be said to it.
 */
export function onOutputLost(tell: (why: string) => void): void {
  process.stdout.on('error', (error) => {
    if (errnoName(error) !== 'EPIPE') tell(causeOf(error));
  });
  // There is nowhere left to say that nothing can be said.
  process.stderr.on('error', () => undefined);
}

/** As a command does: it says so on standard error, and ends with 1. */
export function failWhenOutputIsLost(): void {
  onOutputLost((why) => {
    process.stderr.write(`What this command says could not be written: ${why}.\n`);
    process.exitCode = 1;
  });
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
