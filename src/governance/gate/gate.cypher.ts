import { sought } from '../../neo4j/sought.js';

const IS_THERE = `EXISTS { MATCH (p:PolicySet) ${sought('p:PolicySet', 'id', 's.activeId')} AND p.digest = s.activeDigest } AS isThere`;

/** Which set is active, whether it is there, and which one waits for the word of a second ADMIN. */
export const POLICY_STATE = `// governance.policyState
MATCH (s:PolicyState) ${sought('s:PolicyState', 'key', "'policies'")}
RETURN properties(s) AS state, ${IS_THERE}`;

/**
 * Nothing that is decided by changes until the commit: whoever changes it waits for this gate. Which set is active is read again behind it;
 * where none was before, nobody waits, and there is no row.
 */
export const HOLD_STILL = `// governance.holdStill
MATCH (before:PolicyState) ${sought('before:PolicyState', 'key', "'policies'")} AND before.activeId IS NOT NULL
CALL () {
  MATCH (g:PolicyGate) ${sought('g:PolicyGate', 'number', '$gate')}
  SET g.lockedAt = $now
  REMOVE g.lockedAt
  RETURN count(g) AS gates
}
MATCH (s:PolicyState) ${sought('s:PolicyState', 'key', "'policies'")}
RETURN gates, properties(s) AS state, ${IS_THERE}`;

/** All decisions that have begun are kept before, and all others see what changes. In the order of their numbers, as all do it. */
export const AWAIT_DECISIONS = `// governance.awaitDecisions
MATCH (g:PolicyGate) WHERE g.number >= 0
WITH g ORDER BY g.number
SET g.lockedAt = $now
REMOVE g.lockedAt`;
