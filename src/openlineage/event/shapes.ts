/**
 * What the schemas of OpenLineage are made of. They are only asked whether a value has a shape: the value itself is kept as it
 * came, with all that no schema names.
 */
import { z } from 'zod';
import { isPlainObject } from '../../json/limits.js';
import { invisibleIn } from '../../spelling.js';
import { sayFault } from './faults.js';

/** As of the assets these become (catalog/model/urn.ts), in Unicode code points. */
const NAMESPACE_CHARACTERS = 500;
const NAME_CHARACTERS = 1_000;
const RUN_ID_CHARACTERS = 200;

export const text = z.string();
export const flag = z.boolean();
/** `integer` of JSON Schema has no largest one. */
export const whole = z.number().refine(Number.isInteger, 'must be a whole number');
export const measure = z.number();
export const anyObject = z.custom<Readonly<Record<string, unknown>>>(isPlainObject, {
  error: ({ input }) => (input === undefined ? 'is missing' : 'must be an object'),
});

/** An object with at least this; what else it holds is nobody's business. */
export const having = z.looseObject;

/** May be empty: some producers know none. */
export const namespace = z.string().superRefine(bounded(NAMESPACE_CHARACTERS));
/** Of a job, a data set or a column. */
export const name = z.string().min(1, 'must not be empty').superRefine(bounded(NAME_CHARACTERS));

/** A UUID, say the schemas, but in what only advises. */
export const runId = z.string().min(1, 'must not be empty').superRefine(bounded(RUN_ID_CHARACTERS));

/** Of a job, a run or a data set that is named elsewhere than where it is told of. */
export const named = having({ namespace, name });

type ByName<T> = Readonly<Record<string, T>>;

/** All keys of an object with values of one shape, `__proto__` like any other: a record of zod leaves that out. */
export function recordOf<T>(shape: z.ZodType<T>): z.ZodType<ByName<T>> {
  return keyed(() => shape);
}

/** The same, each key with the shape that it is given. */
export function keyed<T>(shapeOf: (key: string, value: unknown) => z.ZodType<T>): z.ZodType<ByName<T>> {
  const checked = anyObject.superRefine((object, context) => {
    for (const [key, value] of Object.entries(object)) tellFaults(shapeOf(key, value), value, context, key);
  });
  return checked as z.ZodType as z.ZodType<ByName<T>>;
}

/** A value of the shape that it chooses itself; of several that a value may have, only the one it means is told of. */
export function chosen<T>(
  shapeOf: (value: ByName<unknown>) => z.ZodType<T> | undefined,
  otherwise: string,
): z.ZodType<T> {
  const checked = anyObject.superRefine((value, context) => {
    const shape = shapeOf(value);
    if (shape) tellFaults(shape, value, context);
    else context.addIssue({ code: 'custom', message: otherwise, input: value });
  });
  return checked as z.ZodType as z.ZodType<T>;
}

/** The same, of shapes that tell themselves apart by their `type`. */
export function byType<T>(shapes: Readonly<Record<string, z.ZodType<T>>>): z.ZodType<T> {
  const known = new Map(Object.entries(shapes));
  const otherwise = `must have a type of ${[...known.keys()].join(', ')}`;
  return chosen(({ type }) => (typeof type === 'string' ? known.get(type) : undefined), otherwise);
}

function tellFaults(
  shape: z.ZodType,
  value: unknown,
  context: z.RefinementCtx<ByName<unknown>>,
  ...at: string[]
): void {
  const { error } = shape.safeParse(value, { error: sayFault });
  for (const { path, message } of error?.issues ?? []) {
    context.addIssue({ code: 'custom', message, path: [...at, ...path], input: value });
  }
}

function bounded(most: number): (value: string, context: z.RefinementCtx<string>) => void {
  return (value, context) => {
    const fault = faultOfName(value, most);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault, input: value });
  };
}

function faultOfName(value: string, most: number): string | null {
  // A text of a million characters is not counted one by one.
  const length = value.length > 2 * most ? value.length : [...value].length;
  if (length > most) return `has ${length} characters; at most ${most} are possible`;
  return /^[ -~]*$/.test(value) ? null : invisibleIn(value);
}
