import { visibleTo } from '../../auth/rights.cypher.js';
import type { PagedStatement } from '../../graphql/page.js';

/** The index holds the assets without an owner and no others, those of a kind in the order of their ids. */
const found = (where: string): string => `MATCH (a:Asset)
  WHERE ${where} AND a.kind = kind AND a.unownedId > $low AND a.unownedId < $high AND ${visibleTo('a')}`;

function listed(name: string, places: string, where: string): PagedStatement {
  const page = (direction: string): string => `// access.${name}
${places}UNWIND $kinds AS kind
CALL (*) {
  ${found(where)}
  RETURN a ORDER BY a.unownedId ${direction} LIMIT $limit
}
WITH a ORDER BY a.unownedId ${direction} LIMIT $limit
OPTIONAL MATCH (p:Principal {id: a.placedBy})
RETURN properties(a) AS asset, a.unownedSince AS since, p.id AS broughtInBy
ORDER BY a.unownedId ${direction}`;
  return { order: 'DESC', forward: page('DESC'), backward: page('ASC') };
}

function counted(name: string, places: string, where: string): string {
  return `// access.${name}
${places}UNWIND $kinds AS kind
CALL (*) {
  ${found(where)}
  RETURN count(a) AS each
}
RETURN sum(each) AS total`;
}

const ANYWHERE = 'true';
const EACH_NAMESPACE = 'UNWIND $namespaces AS namespace\n';
const IN_NAMESPACE = 'a.namespace = namespace';

export const LIST_UNOWNED = listed('listUnowned', '', ANYWHERE);
export const COUNT_UNOWNED = counted('countUnowned', '', ANYWHERE);
export const LIST_UNOWNED_IN = listed('listUnownedIn', EACH_NAMESPACE, IN_NAMESPACE);
export const COUNT_UNOWNED_IN = counted('countUnownedIn', EACH_NAMESPACE, IN_NAMESPACE);
