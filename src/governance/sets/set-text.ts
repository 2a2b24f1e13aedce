import { createHash } from 'node:crypto';
import { canonicalJson } from '../../audit/record/canonical-json.js';
import { badInput } from '../../errors.js';
import { factsSchema } from '../policies/facts-schema.js';
import { PolicyFaults } from '../policies/policy-faults.js';
import { PolicySet } from '../policies/policy-set.js';
import type { PolicyFault } from './policy-set.js';
import type { UploadPolicySetInput } from './policy-set.input.js';

/** The text of a set: its files of policies by their names, and its schema. */
export interface SetText {
  policies: Readonly<Record<string, string>>;
  schema: string;
}

/** Throws BAD_USER_INPUT. */
export function readUpload({ files, schema }: UploadPolicySetInput): SetText {
  const paths = files.map(({ path }) => path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined)
    throw badInput(`Two files are called ${JSON.stringify(twice.slice(0, 200))}. Each has a name of its own.`);
  return { policies: Object.fromEntries(files.map(({ path, text }) => [path, text])), schema: schema ?? factsSchema() };
}

/** SHA-256 over the text, as PolicySet.digest has it. Throws BAD_USER_INPUT for what is no text. */
export function setDigestOf({ policies, schema }: SetText): string {
  if (![schema, ...Object.keys(policies), ...Object.values(policies)].every((text) => text.isWellFormed()))
    throw badInput('A file of policies is not valid Unicode.');
  return createHash('sha256').update(canonicalJson({ policies, schema })).digest('hex');
}

/** All that is wrong with it; [] when it may be activated. */
export async function faultsOf(text: SetText): Promise<PolicyFault[]> {
  try {
    await PolicySet.loadInTurns(text);
    return [];
  } catch (error) {
    if (error instanceof PolicyFaults) return [...error.faults];
    throw error;
  }
}
