import { Duck } from '../importers/files/duck.js';
import { fileEvents, type Tally } from '../importers/files/file-events.js';
import { searchFor, type Unread } from '../importers/files/find-files.js';
import { type Command, EXIT, readArgument, UsageError, withFile } from './calling/command.js';
import { destinationOf, IMPORT_OPTIONS, IMPORT_USAGE } from './import-events.js';

const MOST_FILES = 10_000;

/** `npx weft import files`: brings in files of rows, each as a data set with its columns, digest and profile. */
export const importFiles: Command = {
  usage: `npx weft import files FOLDER|GLOB [OPTIONS]

Brings in CSV, Parquet and JSON files below a folder, or those that a pattern names ('data/**/*.csv', in quotes): columns
with what lies in them, rows, SHA-256 as the version, and of each column nulls, distinct values, smallest, largest, quartiles.

${IMPORT_USAGE}
  --max-files N      how many files are read at most; ${MOST_FILES} where it is not said

Exit code: 0 all was read and taken, 1 something was not, 2 wrong usage.`,

  async run(args) {
    const { argument: given, options } = readArgument(
      args,
      { ...IMPORT_OPTIONS, 'max-files': { type: 'string' } },
      'folder or pattern',
    );
    const maxFiles = countOf(options['max-files']);
    const deliver = await destinationOf(options);
    const search = await withFile(given, () => searchFor(given, maxFiles));
    const duck = await Duck.open();
    const tally: Tally = { read: 0, beyond: 0, unread: 0 };
    try {
      const code = await deliver(fileEvents(search, duck, { tally, tell: tellUnread }));
      process.stderr.write(shown(tally, maxFiles));
      return tally.unread > 0 || tally.beyond > 0 ? EXIT.PROBLEMS : code;
    } finally {
      duck.close();
    }
  },
};

function countOf(said: string | undefined): number {
  if (said === undefined) return MOST_FILES;
  if (!/^[1-9]\d{0,8}$/.test(said)) throw new UsageError(`--max-files is a whole number from 1 on, and not ${said}.`);
  return Number(said);
}

/** A name may hold anything, line breaks too: as JSON, it stays on its line. */
const tellUnread = ({ path, why }: Unread): boolean =>
  process.stderr.write(`Not read: ${JSON.stringify(path)}: ${why}.\n`);

function shown({ read, beyond, unread }: Tally, maxFiles: number): string {
  const more = beyond === 0 ? '' : ` ${beyond} more than --max-files ${maxFiles} were left out.`;
  return `${read} files were read, ${unread} could not be.${more}\n`;
}
