/** The file of dimensions that a site has of its own (docs/labels.md): YAML, or JSON, which is YAML as well. */
import { readFileSync, statSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { causeOf } from '../../disk/disk-fault.js';
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
  return dimensionsIn(textOf(path), path);
}

/** What the text holds. Throws SetupError; `path`: how it is called. */
function dimensionsIn(text: string, path: string): Dimension[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    refuse(
      path,
      document.errors.map(({ message, pos }) => `line ${lines.linePos(pos[0]).line}: ${message}`),
    );
  let value: unknown;
  try {
    // An alias of an alias can be more than the file: none is needed here.
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    return refuse(path, [error instanceof Error ? error.message : String(error)]);
  }
  const outer = z.strictObject({ dimensions: z.array(z.unknown()).max(MOST_DIMENSIONS) }).safeParse(value);
  if (!outer.success)
    return refuse(
      path,
      outer.error.issues.map((issue) => `${issue.path.join('.') || 'The file'}: ${issue.message}`),
    );
  const faults: string[] = [];
  const found = outer.data.dimensions.flatMap((each, index) => {
    const { data, error } = dimension.safeParse(each);
    if (error) faults.push(...faultsOf(each, index));
    return data ? [plainly(data)] : [];
  });
  const twice = found.find(({ name }, index) => found.findIndex((other) => other.name === name) !== index);
  if (twice) faults.push(`dimensions: "${twice.name}" is there twice`);
  if (faults.length > 0) refuse(path, faults);
  return found;
}

function faultsOf(given: unknown, index: number): string[] {
  const named = z.looseObject(plain).safeParse(given);
  const own = named.error?.issues.map((issue) => `dimensions[${index}].${issue.path.join('.')} ${issue.message}`) ?? [];
  return own.length > 0 ? own : [`dimensions[${index}] ${SHAPES}`];
}

function plainly(given: z.infer<typeof dimension>): Dimension {
  const { name, kind, values, description } = given;
  return {
    ...{ name, kind, values, description },
    ...('levels' in given ? { levels: given.levels } : {}),
    ...('codes' in given && given.codes !== undefined ? { codes: given.codes } : {}),
  };
}

function textOf(path: string): string {
  try {
    if (statSync(path).size > MOST_BYTES) return refuse(path, [`it is larger than ${MOST_BYTES} bytes`]);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof SetupError) throw error;
    return refuse(path, [causeOf(error)]);
  }
}

function refuse(path: string, faults: readonly string[]): never {
  throw new SetupError(
    `The dimensions of labels in ${path} cannot be used:\n${faults.map((each) => `  ${each}`).join('\n')}\nMend the file (docs/labels.md).`,
  );
}
