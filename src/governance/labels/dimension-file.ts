/** The file of dimensions that a site has of its own (docs/labels.md): YAML, or JSON, which is YAML as well. */
import { z } from 'zod';
import { type ReadYaml, readYamlFile, told } from '../../disk/yaml-text.js';
import { SetupError } from '../../neo4j/setup-error.js';
import { BUILT_IN, CODE } from './dimensions.js';
import type { Dimension } from './label.js';

const MOST_BYTES = 262_144;
const MOST_DIMENSIONS = 50;
const TAKEN: ReadonlySet<string> = new Set(BUILT_IN.map(({ name }) => name));

const code = z.string().regex(CODE, 'must be of letters, digits and . _ : / -, at most 80');
const distinct = (list: readonly string[]): boolean => new Set(list).size === list.length;
const plain = {
  name: z
    .string()
    .regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'must begin with a small letter and be of letters and digits, at most 40')
    .refine((name) => !TAKEN.has(name), 'is the name of a dimension that every site has'),
  description: z.string().min(1).max(1_000),
};
const codes = z.array(code).min(1).max(1_000).refine(distinct, 'has one twice').optional();
const levels = z.array(code).min(2).max(50).refine(distinct, 'has one twice');

const dimension = z.union([
  z.strictObject({ ...plain, kind: z.enum(['MAX', 'MIN']), values: z.literal('LEVELS'), levels }),
  z.strictObject({ ...plain, kind: z.enum(['MAX', 'MIN']), values: z.enum(['INSTANT', 'NUMBER']) }),
  z.strictObject({ ...plain, kind: z.enum(['UNION', 'INTERSECTION']), values: z.literal('CODES'), codes }),
  z.strictObject({ ...plain, kind: z.literal('LICENCES'), values: z.literal('SPDX') }),
]);
const SHAPES =
  'is none of: kind MAX or MIN with values LEVELS (and `levels`, from the lowest), INSTANT or NUMBER; kind UNION or INTERSECTION with values CODES (and `codes`, if only some are allowed); kind LICENCES with values SPDX. Each has a `name` and a `description`, and nothing else';

/** What the file holds. Throws SetupError with all that is wrong with it. */
export function readDimensionFile(path: string): Dimension[] {
  const read = readYamlFile(path, MOST_BYTES);
  if ('faults' in read) return refuse(path, read.faults.map(told));
  const { data, error } = z
    .strictObject({ dimensions: z.array(z.unknown()).max(MOST_DIMENSIONS) })
    .safeParse(read.value);
  if (data) return dimensionsIn(data.dimensions, path, read.placeOf);
  return refuse(
    path,
    error.issues.map((issue) =>
      told({ message: `${issue.path.join('.') || 'The file'}: ${issue.message}`, place: read.placeOf(issue.path) }),
    ),
  );
}

function dimensionsIn(given: readonly unknown[], path: string, placeOf: ReadYaml['placeOf']): Dimension[] {
  const faults: string[] = [];
  const found = given.flatMap((each, index) => {
    const { data, error } = dimension.safeParse(each);
    if (error) faults.push(...faultsOf(each, index, placeOf));
    return data ? [plainly(data)] : [];
  });
  const twice = found.find(({ name }, index) => found.findIndex((other) => other.name === name) !== index);
  if (twice) faults.push(`dimensions: "${twice.name}" is there twice`);
  if (faults.length > 0) refuse(path, faults);
  return found;
}

function faultsOf(given: unknown, index: number, placeOf: ReadYaml['placeOf']): string[] {
  const at = (steps: readonly PropertyKey[]) => placeOf(['dimensions', index, ...steps]);
  const own = z
    .looseObject(plain)
    .safeParse(given)
    .error?.issues.map(({ path, message }) =>
      told({ message: `dimensions[${index}].${path.join('.')} ${message}`, place: at(path) }),
    );
  return own ?? [told({ message: `dimensions[${index}] ${SHAPES}`, place: at([]) })];
}

function plainly(given: z.infer<typeof dimension>): Dimension {
  const { name, kind, values, description } = given;
  return {
    ...{ name, kind, values, description },
    ...('levels' in given ? { levels: given.levels } : {}),
    ...('codes' in given && given.codes !== undefined ? { codes: given.codes } : {}),
  };
}

function refuse(path: string, faults: readonly string[]): never {
  throw new SetupError(
    `The dimensions of labels in ${path} cannot be used:\n${faults.map((each) => `  ${each}`).join('\n')}\nMend the file (docs/labels.md).`,
  );
}
