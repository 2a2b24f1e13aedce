/** What all facets have, and how the one of a name is checked among the others. */
import type { z } from 'zod';
import { flag, having, keyed, text } from './shapes.js';

export const facet = having({ _producer: text, _schemaURL: text });

/** A facet that can be taken back. */
export const lastingFacet = facet.extend({ _deleted: flag.optional() });

/**
 * Facets by name: those that are known as they should be, all others with what each facet has. Of one that is taken back
 * (`_deleted`) nothing else is asked: it need not say again what no longer holds.
 */
export function facetsOf(all: z.ZodObject, known: ReadonlyMap<string, z.ZodObject>): z.ZodType {
  const shapes = new Map([...known].map(([name, shape]) => [name, shape.extend(all.shape)]));
  return keyed((name, value) => (isTakenBack(value) ? all : (shapes.get(name) ?? all)));
}

/** Whether a facet says that what it said before holds no longer. */
export const isTakenBack = (value: unknown): boolean => (value as { _deleted?: unknown } | null)?._deleted === true;
