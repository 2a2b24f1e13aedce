import { sought } from '../../neo4j/sought.js';

/** Which set is active, and which one waits for the word of a second ADMIN. */
export const POLICY_STATE = `// governance.policyState
MATCH (s:PolicyState) ${sought('s:PolicyState', 'key', "'policies'")}
RETURN properties(s) AS state`;

/** Nothing that is decided by changes until the commit: whoever changes it waits for this gate. */
export const HOLD_STILL = `// governance.holdStill
MATCH (g:PolicyGate) ${sought('g:PolicyGate', 'number', '$gate')}
SET g.lockedAt = $now
REMOVE g.lockedAt`;

/** All decisions that have begun are kept before, and all others see what changes. In the order of their numbers, as all do it. */
export const AWAIT_DECISIONS = `// governance.awaitDecisions
MATCH (g:PolicyGate) WHERE g.number >= 0
WITH g ORDER BY g.number
SET g.lockedAt = $now
REMOVE g.lockedAt`;
