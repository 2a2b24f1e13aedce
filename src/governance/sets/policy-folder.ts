import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { causeOf } from '../../disk/disk-fault.js';
import { factsSchema } from '../policies/facts-schema.js';
import { MOST_CHARACTERS, MOST_FILES, SCHEMA_FILE } from './policy-set.js';
import type { SetText } from './set-text.js';

/** The policies of a folder: its files `*.cedar`, and `schema.cedarschema` where it has one. A text says why it cannot be read. */
export function readPolicyFolder(folder: string): SetText | string {
  try {
    const names = readdirSync(folder).sort();
    const files = names.filter((name) => name.endsWith('.cedar'));
    if (files.length > MOST_FILES)
      return `${folder} has ${files.length} files of policies; at most ${MOST_FILES} are possible.`;
    const bytes = files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    if (bytes > 4 * MOST_CHARACTERS) return `The policies in ${folder} have ${bytes} bytes, which is too much.`;
    const policies = Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
    const schema = names.includes(SCHEMA_FILE) ? readFileSync(join(folder, SCHEMA_FILE), 'utf8') : factsSchema();
    return { policies, schema };
  } catch (error) {
    return `${folder} cannot be read: ${causeOf(error)}`;
  }
}
