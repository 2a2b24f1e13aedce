import { causeOf } from '../../disk/disk-fault.js';
import { factsSchema } from '../policies/facts-schema.js';
import { PolicyFaults } from '../policies/policy-faults.js';
import { readPolicyFolder } from '../policies/policy-folder.js';
import { MOST_CHARACTERS, MOST_FILES } from './policy-set.js';
import type { SetText } from './set-text.js';

/** The set that a folder holds, with the schema of Weftline where it has none of its own. A text says why it cannot be read. */
export function readSetFolder(folder: string): SetText | string {
  try {
    const { policies, schema } = readPolicyFolder(folder);
    const texts = Object.values(policies);
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    if (texts.length > MOST_FILES || characters > MOST_CHARACTERS)
      return `${folder} has ${texts.length} files of policies with ${characters} characters; at most ${MOST_FILES} with ${MOST_CHARACTERS} are possible.`;
    return { policies, schema: schema ?? factsSchema() };
  } catch (error) {
    return `${folder} cannot be read: ${error instanceof PolicyFaults ? error.message : causeOf(error)}`;
  }
}
