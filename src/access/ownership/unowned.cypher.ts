import { visibleTo } from '../../auth/rights.cypher.js';
import type { PagedStatement } from '../../graphql/page.js';

interface Place {
  index: string;
  where: string;
}

/** The index holds the assets without an owner and no others, those of a kind in the order of their ids. */
const found = ({ index, where }: Place): string => `MATCH (a:Asset) USING INDEX a:Asset(${index})
  WHERE ${where}a.kind = kind AND a.unownedId > $low AND a.unownedId < $high AND ${visibleTo('a')}`;

function listed(name: string, { each, ...place }: Place & { each: string }): PagedStatement {
  const page = (direction: string): string => `// access.${name}
${each}UNWIND $kinds AS kind
CALL (*) {
  ${found(place)}
  RETURN a ORDER BY a.unownedId ${direction} LIMIT $limit
}
WITH a ORDER BY a.unownedId ${direction} LIMIT $limit
OPTIONAL MATCH (p:Principal {id: a.placedBy})
RETURN properties(a) AS asset, a.unownedSince AS since, p.id AS broughtInBy
ORDER BY a.unownedId ${direction}`;
  return { order: 'DESC', forward: page('DESC'), backward: page('ASC') };
}

function counted(name: string, { each, ...place }: Place & { each: string }): string {
  return `// access.${name}
${each}UNWIND $kinds AS kind
CALL (*) {
  ${found(place)}
  RETURN count(a) AS found
}
RETURN sum(found) AS total`;
}

const ANYWHERE = { each: '', index: 'kind, unownedId', where: '' };
const IN_NAMESPACES = {
  each: 'UNWIND $namespaces AS namespace\n',
  index: 'namespace, kind, unownedId',
  where: 'a.namespace = namespace AND ',
};

export const LIST_UNOWNED = listed('listUnowned', ANYWHERE);
export const COUNT_UNOWNED = counted('countUnowned', ANYWHERE);
export const LIST_UNOWNED_IN = listed('listUnownedIn', IN_NAMESPACES);
export const COUNT_UNOWNED_IN = counted('countUnownedIn', IN_NAMESPACES);
