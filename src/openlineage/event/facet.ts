import type { Facets } from './event.js';
import { isTakenBack } from './facet.schema.js';

/** The facet as it came; null when it is not there, or taken back. */
export function facetOf<T>(facets: Facets, name: string): Partial<T> | null {
  if (!Object.hasOwn(facets, name)) return null;
  const facet = facets[name];
  return facet === undefined || isTakenBack(facet) ? null : (facet as Partial<T>);
}
