import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { replaceFileSync } from '../disk/whole-file.js';
import { printSortedSchema } from '../graphql/door/schema.js';
import { unboundedInputs } from '../graphql/limits/sdl-limits.js';
import { wire } from '../wiring/wire.js';
import { failWhenOutputIsLost, runMain } from '../run-main.js';
import { unconnectedParts } from './unconnected.js';

/**
 * Writes schema/schema.graphql, or with --check says whether it is as the code has it and gives every text and list that
 * enters a limit. Connects to nothing.
 */
const file = fileURLToPath(new URL('../../schema/schema.graphql', import.meta.url));

function printSchema(): void {
  const { schema } = wire(unconnectedParts());
  const printed = printSortedSchema(schema);
  if (!process.argv.includes('--check')) {
    replaceFileSync(file, printed, { mode: 0o644 });
  } else if (readFileSync(file, 'utf8') !== printed) {
    process.stderr.write(
      'schema/schema.graphql is not what the code says. Run "npm run schema" and commit the result.\n',
    );
    process.exitCode = 1;
  }
  const unbounded = unboundedInputs(readFileSync(file, 'utf8'));
  if (unbounded.length > 0) {
    process.stderr.write(`The schema takes texts or lists without a limit:\n  ${unbounded.join('\n  ')}\n`);
    process.exitCode = 1;
  }
}

failWhenOutputIsLost();
await runMain(() => Promise.resolve().then(printSchema));
