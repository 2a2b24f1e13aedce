import { visibleTo } from '../../auth/rights.cypher.js';
import { MOST_TWINS } from './name-keys.js';

/** Those whose keys are alike: found by either, so that each is looked up in its index. */
const ALIKE = (keys: string): string => `CALL (${keys}) {
  MATCH (twin:Asset {foldedKey: ${keys}.foldedKey})
  RETURN twin
  UNION
  MATCH (twin:Asset {skeletonKey: ${keys}.skeletonKey})
  RETURN twin
}`;

/** Of each name that is to come: the visible assets that could be taken for it. */
export const NEAR_TWINS_OF_NAMES = `// catalog.nearTwinsOfNames
UNWIND $names AS wanted
${ALIKE('wanted')}
WITH wanted, twin WHERE twin.urn <> wanted.urn AND twin.id <> coalesce(wanted.id, '') AND ${visibleTo('twin')}
RETURN wanted.urn AS urn, twin.urn AS twin
ORDER BY urn, twin`;

/** Of each asset: the ids of the visible ones that could be taken for it. */
export const NEAR_TWINS_OF_ASSETS = `// catalog.nearTwinsOfAssets
UNWIND $ids AS id
MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}
${ALIKE('a')}
WITH id, twin WHERE twin.id <> id AND ${visibleTo('twin')}
WITH id, twin ORDER BY twin.id
RETURN id, collect(twin.id)[..${MOST_TWINS}] AS twins`;
