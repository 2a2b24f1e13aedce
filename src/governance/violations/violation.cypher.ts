import { visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';

/** A violation is seen by whoever sees the deployment; of one that is gone, by who sees all. */
const SEEN = `($viewer.seesAll OR EXISTS { MATCH (a:Asset {id: v.deploymentId}) WHERE ${visibleTo('a')} })`;
const OPEN_THEN = '(v.closedAt IS NULL OR coalesce(v.closedAt > $viewer.asOf, false))';

export const VIOLATION_SEEN = `MATCH (v:Violation {id: id}) WHERE v.id < $viewer.ceiling AND ${SEEN}`;
export const VIOLATIONS_BY_ID = `// violations.byId
UNWIND $ids AS id
${VIOLATION_SEEN}
RETURN properties(v) AS violation`;

const WANTED = `($policy IS NULL OR v.policy = $policy) AND ($isOpen IS NULL OR ${OPEN_THEN} = $isOpen) AND ${SEEN}`;

export const LIST_VIOLATIONS = paged(
  'v',
  'DESC',
  (window, tail) => `// violations.list
MATCH (v:Violation) WHERE ${window} AND ${WANTED}
RETURN properties(v) AS violation
${tail}`,
);
export const COUNT_VIOLATIONS = `// violations.count
MATCH (v:Violation) WHERE v.id > '' AND v.id < $viewer.ceiling AND ${WANTED}
RETURN count(v) AS total`;

/** Those of deployments. */
export const VIOLATIONS_ON = paged(
  'v',
  'DESC',
  (window, tail) => `// violations.on
UNWIND $ids AS id
CALL (id) {
  MATCH (v:Violation) WHERE v.deploymentId = id AND ${window} AND ${WANTED}
  WITH v ${tail}
  RETURN collect(properties(v)) AS violations
}
RETURN id, violations`,
);
export const COUNT_VIOLATIONS_ON = `// violations.countOn
UNWIND $ids AS id
RETURN id, COUNT { MATCH (v:Violation) WHERE v.deploymentId = id AND v.id > '' AND v.id < $viewer.ceiling AND ${WANTED} } AS total`;
