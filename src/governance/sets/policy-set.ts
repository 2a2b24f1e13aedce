import { SCHEMA_FILE } from '../policies/engine.js';

/** What is wrong with a policy or the schema, and where. */
export interface PolicyFault {
  file: string;
  line: number | null;
  column: number | null;
  message: string;
}

export const SET_SOURCES = ['FOLDER', 'UPLOAD'] as const;
export type SetSource = (typeof SET_SOURCES)[number];

/** A set of policies as it was brought in: nothing of it changes any more. */
export interface StoredPolicySet {
  __typename: 'PolicySet';
  id: string;
  /** SHA-256 over its text as canonical JSON. */
  digest: string;
  /** The text of each file of policies, by its name. */
  policies: Readonly<Record<string, string>>;
  schema: string;
  source: SetSource;
  /** What is wrong with it: it can be looked at, and never be activated. */
  faults: readonly PolicyFault[];
  uploadedById: string;
  uploadedAt: Date;
}

/** A file as one set has it, and as another does. */
export interface PolicyFileChange {
  path: string;
  /** null: the file is new. */
  before: string | null;
  /** null: the file is gone. */
  after: string | null;
}

export const MOST_FILES = 200;
/** Of all files of a set together: a mutation takes no more, nor a folder. */
export const MOST_CHARACTERS = 524_288;

/** What differs from one set to another, by the names of the files. */
export function changesBetween(
  before: Pick<StoredPolicySet, 'policies' | 'schema'> | null,
  after: Pick<StoredPolicySet, 'policies' | 'schema'>,
): PolicyFileChange[] {
  const [old, now] = [before ? filesOf(before) : new Map<string, string>(), filesOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }))
    .filter((change) => change.before !== change.after);
}

/** All files of a set, the schema among them. */
export function filesOf({ policies, schema }: Pick<StoredPolicySet, 'policies' | 'schema'>): Map<string, string> {
  return new Map([...Object.entries(policies), [SCHEMA_FILE, schema]]);
}
