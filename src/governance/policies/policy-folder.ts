import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isThere } from '../../disk/presence.js';
import { SCHEMA_FILE } from './engine.js';
import { faultAt, PolicyFaults } from './policy-faults.js';
import type { PolicyTexts } from './policy-set.js';

const MOST_BYTES = 1_048_576;
const MOST_ENTRIES = 1_000;
const TESTS = 'tests';

/** A folder of policies: `*.cedar`, a schema where it has one of its own, and `tests/*.yaml`. */
export interface PolicyFolder extends PolicyTexts {
  /** By the names of their files, as `tests/residency.yaml`. */
  tests: Readonly<Record<string, string>>;
}

/** Reads a folder; the errors of the disk are thrown as they come, what is too large as PolicyFaults. */
export function readPolicyFolder(folder: string): PolicyFolder {
  const schema = join(folder, SCHEMA_FILE);
  const tests = join(folder, TESTS);
  return {
    policies: textsIn(folder, '.cedar', ''),
    schema: isThere(schema) ? textOf(schema) : null,
    tests: isThere(tests) ? textsIn(tests, '.yaml', `${TESTS}/`) : {},
  };
}

function textsIn(folder: string, ending: string, before: string): Record<string, string> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort();
  if (names.length > MOST_ENTRIES)
    throw new PolicyFaults([faultAt(folder, null, `there are ${names.length} files; ${MOST_ENTRIES} are allowed.`)]);
  return Object.fromEntries(names.map((name) => [`${before}${name}`, textOf(join(folder, name))]));
}

function textOf(path: string): string {
  const { size } = statSync(path);
  if (size > MOST_BYTES)
    throw new PolicyFaults([faultAt(basename(path), null, `has ${size} bytes; ${MOST_BYTES} are allowed.`)]);
  return readFileSync(path, 'utf8');
}
