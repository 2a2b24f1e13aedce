import { isOwnedBy, visibleTo } from '../../auth/rights.cypher.js';
import { paged, type PagedStatement } from '../../graphql/page.js';

/** The assets that the entry concerns, looked at once: whether the viewer owns one, and whether one is beyond their sight. */
const TIED = `CALL (e) {
  OPTIONAL MATCH (e)-[:CONCERNS]->(tied)
  RETURN collect(tied.id) AS concerned, count(CASE WHEN ${isOwnedBy('tied', '$viewer.ids')} THEN tied END) > 0 AS ownsOne,
         count(CASE WHEN NOT ${visibleTo('tied')} THEN tied END) > 0 AS oneIsHidden
}`;

/**
 * One sees what one did oneself and what concerns assets one owns; administrators and auditors see all. What one was
 * denied one does not find: whether such an entry concerns an asset would tell that a hidden one exists.
 */
const concernsViewer = (ownsOne: string): string =>
  `coalesce($viewer.readsAll OR (e.actorId IN $viewer.ids AND NOT e.action STARTS WITH 'denied:') OR ${ownsOne}, false)`;
/** By itself; where it decides whether an entry is there for somebody at all, it comes first and costs little. */
const MAY_READ = concernsViewer(`EXISTS { MATCH (e)-[:CONCERNS]->(own) WHERE ${isOwnedBy('own', '$viewer.ids')} }`);
/** The same, after TIED. */
const CONCERNS_VIEWER = concernsViewer('ownsOne');

/**
 * It concerns an asset the viewer may not see, so what was done to it must not be told. What an auditor asked may tell of
 * anything, the words of a search too: owners find that their asset was read, not the question. So it is with what was
 * denied: besides the asset of the viewer it may name another, and one that is hidden from them would be told from one
 * that is not there, which nothing concerns.
 */
const HIDDEN = `(oneIsHidden OR (NOT $viewer.readsAll AND (e.action = 'auditor:read' OR e.action STARTS WITH 'denied:')))`;

/** `$wanted`: columns, and what each may hold; those that are not asked about are not in it (audit.repository.ts). */
const MATCHES = `all(want IN $wanted WHERE e[want.column] IN want.values)
  AND ($from IS NULL OR e.at >= $from) AND ($until IS NULL OR e.at < $until)`;

/** A target can be asked for only where it would be told: else the condition would tell it. */
const TOLD = `${TIED}
WITH e, concerned, ${HIDDEN} AS hidden WHERE ${CONCERNS_VIEWER} AND ($targetId IS NULL OR NOT hidden)`;

/** Where a list begins: the most telling of the conditions that are given, each by its index. */
export const ANCHORS = {
  asset: 'MATCH (e:AuditEntry)-[:CONCERNS]->(:Asset {id: $assetId})',
  target: 'MATCH (e:AuditEntry {targetId: $targetId}) USING INDEX e:AuditEntry(targetId)',
  request: 'MATCH (e:AuditEntry {requestId: $requestId}) USING INDEX e:AuditEntry(requestId)',
  actor: 'MATCH (e:AuditEntry {actorId: $actorId}) USING INDEX e:AuditEntry(actorId)',
  all: 'MATCH (e:AuditEntry)',
} as const;
export type Anchor = keyof typeof ANCHORS;

const list = (anchor: Anchor): PagedStatement =>
  paged(
    'e',
    'DESC',
    (window, tail) => `// audit.list
${ANCHORS[anchor]} WHERE ${window} AND ${MATCHES}
${TOLD} ${tail}
RETURN properties(e) AS entry, concerned, hidden`,
  );

const count = (anchor: Anchor): string => `// audit.count
${ANCHORS[anchor]} WHERE e.id > '' AND e.id < $viewer.ceiling AND ${MATCHES}
${TOLD}
RETURN count(e) AS total`;

const forEach = <T>(build: (anchor: Anchor) => T): Record<Anchor, T> => ({
  asset: build('asset'),
  target: build('target'),
  request: build('request'),
  actor: build('actor'),
  all: build('all'),
});

export const LIST_AUDIT = forEach(list);
export const COUNT_AUDIT = forEach(count);

/** The same, for what concerns each of several assets. */
export const AUDIT_OF = paged(
  'e',
  'DESC',
  (window, tail) => `// audit.of
UNWIND $ids AS id
CALL (id) {
  MATCH (e:AuditEntry)-[:CONCERNS]->(:Asset {id: id}) WHERE ${window}
  ${TIED}
  WITH e, concerned, ${HIDDEN} AS hidden WHERE ${CONCERNS_VIEWER} ${tail}
  RETURN collect({entry: properties(e), concerned: concerned, hidden: hidden}) AS entries
}
RETURN id, entries`,
);

export const COUNT_AUDIT_OF = `// audit.countOf
UNWIND $ids AS id
RETURN id, COUNT { MATCH (e:AuditEntry)-[:CONCERNS]->(:Asset {id: id}) WHERE e.id < $viewer.ceiling
  AND ${MAY_READ} } AS total`;

export const ENTRY_SEEN = `MATCH (e:AuditEntry {id: id}) WHERE e.id < $viewer.ceiling AND ${MAY_READ}`;
export const AUDIT_BY_ID = `// audit.byId
UNWIND $ids AS id
${ENTRY_SEEN}
${TIED}
RETURN properties(e) AS entry, concerned, ${HIDDEN} AS hidden`;

/** The numbers that follow one, oldest first, for the subscription: all of them, so that it knows how far it has come. */
export const AUDIT_AFTER = `// audit.after
MATCH (e:AuditEntry) WHERE e.seq > $after AND e.seq IS :: INTEGER NOT NULL
WITH e ORDER BY e.seq LIMIT $limit
RETURN properties(e) AS entry, [(e)-[:CONCERNS]->(tied) | tied.id] AS concerned ORDER BY entry.seq`;
