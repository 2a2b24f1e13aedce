import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';

/** Writes down events beside what they tell of. `openStream` is there while one waits: behind it the others of its stream wait. */
export const PUT_EVENTS = `// outbox.put
UNWIND $rows AS row
CREATE (o:OutgoingEvent)
SET o = row`;

/**
 * Takes events that are due, of each stream the first alone, to send them within a while: of many servers exactly one gets an event.
 * What was read before the lock may come from the index; `properties` reads what is there now.
 */
export const LEASE_EVENTS = `// outbox.lease
MATCH (o:OutgoingEvent) WHERE o.destination = $destination AND o.dueAt <= $now
WITH o ORDER BY o.dueAt, o.id LIMIT $scan
WHERE NOT EXISTS { MATCH (before:OutgoingEvent) WHERE before.openStream = o.openStream AND before.id < o.id }
WITH o LIMIT $chunk
SET o.lockedAt = $now
REMOVE o.lockedAt
WITH o, properties(o) AS locked WHERE locked.dueAt <= $now
SET o.leaseOwner = $worker, o.dueAt = $until
RETURN properties(o) AS event`;

const held = `MATCH (o:OutgoingEvent) ${sought('o:OutgoingEvent', 'id', 'id')} AND o.leaseOwner = $worker`;

/** The next of the stream goes at once. */
const next = `CALL (stream) {
  MATCH (n:OutgoingEvent) USING INDEX n:OutgoingEvent(openStream, id)
  WHERE n.openStream = stream AND n.id > ''
  WITH n ORDER BY n.id LIMIT 1
  WITH n WHERE n.leaseOwner IS NULL
  SET n.dueAt = $now
}`;

/** What was taken is told of no more. */
export const END_EVENT = `// outbox.sent
UNWIND $ids AS id
${held}
WITH o, o.openStream AS stream
DELETE o
WITH stream
${next}`;

/** Gives an event back, to be tried later; those behind it in its stream wait as long. */
export const POSTPONE_EVENT = `// outbox.postpone
UNWIND $ids AS id
${held}
SET o += $changes
REMOVE o.leaseOwner
WITH o
MATCH (n:OutgoingEvent) WHERE n.openStream = o.openStream AND n.id > o.id AND n.dueAt < o.dueAt
SET n.dueAt = o.dueAt`;

/** What was refused is not tried again by itself; what is behind it goes on. */
export const GIVE_UP_EVENT = `// outbox.giveUp
UNWIND $ids AS id
${held}
WITH o, o.openStream AS stream
SET o += $changes, o.deadAt = $now
REMOVE o.leaseOwner, o.dueAt, o.openStream
WITH stream
${next}`;

/** Of one destination, only the latest that were refused stay. */
export const TRIM_DEAD = `// outbox.trim
MATCH (o:OutgoingEvent) WHERE o.destination = $destination AND o.deadAt IS NOT NULL
WITH o ORDER BY o.deadAt DESC, o.id DESC SKIP $kept
DELETE o`;

/** Gives back what a server has in hand that stops. */
export const RELEASE_EVENTS = `// outbox.release
MATCH (o:OutgoingEvent) WHERE o.destination = $destination AND o.dueAt > $now AND o.leaseOwner = $worker
SET o.dueAt = $now
REMOVE o.leaseOwner`;

/** Tries again what was refused, the oldest first. */
export const RETRY_EVENTS = `// outbox.retry
UNWIND $names AS destination
MATCH (o:OutgoingEvent) WHERE o.destination = destination AND o.deadAt IS NOT NULL AND ($ids IS NULL OR o.id IN $ids)
WITH o ORDER BY o.id LIMIT $most
SET o.dueAt = $now, o.since = $now, o.attempts = 0, o.openStream = o.destination + ' ' + o.stream
REMOVE o.deadAt
RETURN o.id AS id`;

/** How much waits for each destination, since when, and how much was refused. */
export const MEASURE_OUTBOX = `// outbox.measure
UNWIND $names AS name
CALL (name) {
  MATCH (o:OutgoingEvent) WHERE o.destination = name AND o.dueAt IS NOT NULL
  RETURN count(o) AS waiting, min(o.since) AS oldest
}
RETURN name, waiting, oldest, COUNT { MATCH (o:OutgoingEvent) WHERE o.destination = name AND o.deadAt IS NOT NULL } AS dead`;

const WANTED = `($destination IS NULL OR o.destination = $destination) AND ($isDead IS NULL OR (o.deadAt IS NOT NULL) = $isDead)`;

export const LIST_OUTGOING = paged(
  'o',
  'DESC',
  (window, tail) => `// outbox.list
MATCH (o:OutgoingEvent) WHERE ${window} AND ${WANTED}
RETURN properties(o) AS event
${tail}`,
);

export const COUNT_OUTGOING = `// outbox.count
MATCH (o:OutgoingEvent) WHERE o.id < $viewer.ceiling AND ${WANTED}
RETURN count(o) AS total`;
