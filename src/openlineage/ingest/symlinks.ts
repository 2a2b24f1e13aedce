/** Other names that producers tell of their data sets, in the facet `symlinks`. */
import { symlinksOf } from '../event/facets.js';
import { type Named, namedBy } from '../reading/names.js';
import type { AssetsByUrn, Taken } from './taken.js';

/** That one name is said to be another name of what the first names. */
export interface Symlink {
  of: Named;
  name: Named;
}

/** Of one data set, at most: what is beyond them stays in the facet. */
const MOST_OF_ONE = 20;
/** The place where data lies is no name of it: more than one table may lie there, and be known by it (ADR 67). */
const PLACES = new Set(['LOCATION']);

/** Each once. What cannot be a name stays in the facet alone. */
export function symlinksIn(taken: readonly Taken[]): { names: Symlink[]; places: Symlink[] } {
  const [names, places] = [new Map<string, Symlink>(), new Map<string, Symlink>()];
  for (const { reading } of taken) {
    for (const { named, facets } of reading.datasets.values()) {
      for (const { namespace, name, type } of symlinksOf({ facets }).slice(0, MOST_OF_ONE)) {
        const other = nameOf(named, { namespace, name });
        if (!other || other.urn === named.urn) continue;
        const all = PLACES.has(type.toUpperCase()) ? places : names;
        all.set(`${named.urn} ${other.urn}`, { of: named, name: other });
      }
    }
  }
  return { names: [...names.values()], places: [...places.values()] };
}

function nameOf({ kind }: Named, given: { namespace: string; name: string }): Named | null {
  if (given.namespace.trim() === '') return null;
  try {
    return namedBy(kind, given);
  } catch {
    return null;
  }
}

/**
 * The names that nothing has yet, each with the urn of what it is to be a name of. Of two that claim one, the first by its urn gets
 * it; what is claimed is itself none that claims.
 */
export function newNames(symlinks: readonly Symlink[], assets: AssetsByUrn): Map<string, Symlink> {
  const free = symlinks.filter(({ name }) => !assets.has(name.urn)).sort((a, b) => (a.of.urn < b.of.urn ? -1 : 1));
  const claimed = new Map<string, Symlink>();
  for (const each of free) {
    const isOther = claimed.has(each.of.urn) || [...claimed.values()].some(({ of }) => of.urn === each.name.urn);
    if (!claimed.has(each.name.urn) && !isOther) claimed.set(each.name.urn, each);
  }
  return claimed;
}
