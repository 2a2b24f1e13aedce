import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';

/** The constraint on the digest refuses a second set of the same text. */
export const CREATE_SET = `// governance.createPolicySet
CREATE (s:Node:PolicySet)
SET s = $policySet`;

export const SET_BY_DIGEST = `// governance.policySetByDigest
MATCH (s:PolicySet) ${sought('s:PolicySet', 'digest', '$digest')}
RETURN properties(s) AS policySet`;

/** Within a decision, or its replay: whoever asks. */
export const SET_BY_ID = `// governance.policySetById
MATCH (s:PolicySet) ${sought('s:PolicySet', 'id', '$id')}
RETURN properties(s) AS policySet`;

export const SET_SEEN = `MATCH (s:PolicySet {id: id}) WHERE s.id < $viewer.ceiling`;
export const SETS_BY_ID = `// governance.policySetsById
UNWIND $ids AS id
${SET_SEEN}
RETURN properties(s) AS policySet`;

export const LIST_SETS = paged(
  's',
  'DESC',
  (window, tail) => `// governance.listPolicySets
MATCH (s:PolicySet) WHERE ${window}
WITH s ${tail}
RETURN properties(s) AS policySet`,
);

export const COUNT_SETS = `// governance.countPolicySets
MATCH (s:PolicySet) WHERE s.id > '' AND s.id < $viewer.ceiling
RETURN count(s) AS total`;

/** Under the gates: of two who activate, the second sees what the first did. */
export const CHANGE_STATE = `// governance.changePolicyState
MATCH (s:PolicyState) ${sought('s:PolicyState', 'key', "'policies'")}
SET s += $changes`;
