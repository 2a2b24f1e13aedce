/** The file that says who and which places are cleared for what (docs/policy-decisions.md): YAML, or JSON, which is YAML as well. */
import { z } from 'zod';
import { ROLES } from '../../auth/actor.js';
import { readYamlFile, told } from '../../disk/yaml-text.js';
import { SetupError } from '../../neo4j/setup-error.js';
import { BUILT_IN, CODE } from '../labels/dimensions.js';

const MOST_BYTES = 262_144;
const LEVELS = BUILT_IN.find(({ name }) => name === 'classification')?.levels ?? [];

const level = z.enum(LEVELS, { error: `must be one of ${LEVELS.join(', ')}` });
const region = z.string().regex(CODE, 'must be of letters, digits and . _ : / -, at most 80');
const place = z.strictObject({ region: region.optional(), clearance: level.optional() });
const clearances = z.strictObject({
  actors: z
    .strictObject({
      default: level.optional(),
      roles: z.partialRecord(z.enum(ROLES), level).default({}),
      principals: z.record(z.string().min(1).max(255), level).default({}),
    })
    .default({ roles: {}, principals: {} }),
  launchers: z.record(z.string().min(1).max(100), place).default({}),
  environments: z
    .record(
      z
        .string()
        .min(1)
        .max(200)
        .refine((name) => name === name.trim().toLowerCase(), 'must be in small letters, as policies are told'),
      place,
    )
    .default({}),
  exports: place.default({}),
});

/** Who is cleared for what, and which places are accredited for what and where they are. */
export type ClearanceFile = z.infer<typeof clearances>;
/** Where something runs, serves or goes to. */
export type Place = z.infer<typeof place>;

/** What the file says. Throws SetupError with all that is wrong with it. */
export function readClearanceFile(path: string): ClearanceFile {
  const read = readYamlFile(path, MOST_BYTES);
  if ('faults' in read) return refuse(path, read.faults.map(told));
  const { data, error } = clearances.safeParse(read.value);
  if (data) return data;
  return refuse(
    path,
    error.issues.map((issue) => {
      const why = issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join(', ') : issue.message;
      const message = `${issue.path.join('.') || 'The file'}: ${why}`;
      return told({ message, place: read.placeOf(issue.path) });
    }),
  );
}

function refuse(path: string, faults: readonly string[]): never {
  throw new SetupError(
    `The clearances in ${path} cannot be used:\n${faults.map((each) => `  ${each}`).join('\n')}\nMend the file (docs/policy-decisions.md).`,
  );
}
