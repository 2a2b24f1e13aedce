import { paged } from '../../graphql/page.js';

export const KEEP_REJECTED = `// rejected.keep
UNWIND $rejections AS rejection
CREATE (r:RejectedEvent)
SET r = rejection`;

/** Of one sender, only the latest stay. */
export const TRIM_REJECTED = `// rejected.trim
MATCH (r:RejectedEvent) WHERE r.senderId = $senderId AND r.id > ''
WITH r ORDER BY r.id DESC SKIP $kept
DELETE r`;

export const REJECTED_OF = paged(
  'r',
  'DESC',
  (window, tail) => `// rejected.of
MATCH (r:RejectedEvent) WHERE r.senderId = $senderId AND ${window}
RETURN properties(r) AS rejected
${tail}`,
);

export const COUNT_REJECTED_OF = `// rejected.countOf
MATCH (r:RejectedEvent) WHERE r.senderId = $senderId AND r.id < $viewer.ceiling
RETURN count(r) AS total`;

export const REJECTED_OF_ALL = paged(
  'r',
  'DESC',
  (window, tail) => `// rejected.ofAll
MATCH (r:RejectedEvent) WHERE ${window}
RETURN properties(r) AS rejected
${tail}`,
);

export const COUNT_REJECTED_OF_ALL = `// rejected.countOfAll
MATCH (r:RejectedEvent) WHERE r.id < $viewer.ceiling
RETURN count(r) AS total`;
