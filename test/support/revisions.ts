/** A revision as it is stored, its times in milliseconds. */
export interface StoredRevision {
  revision: number;
  from: number;
  since: number;
  until: number;
}

/** The revisions of the assets `a` that a MATCH before it binds, each with the id of its asset. */
export const STORED_REVISIONS = `MATCH (r:AssetRevision)-[:REVISION_OF]->(a)
RETURN a.id AS asset, toInteger(r.revision) AS revision, r.from.epochMillis AS from,
       r.since.epochMillis AS since, r.until.epochMillis AS until ORDER BY asset, revision`;

/** Times at which the state can differ from that a moment before or after. */
const timesAround = (revisions: readonly StoredRevision[]): number[] => [
  ...new Set(revisions.flatMap(({ from }) => [from - 1, from, from + 1])),
];

/** The rule by which a time was answered before revisions knew when they ended. */
function latestBy(revisions: readonly StoredRevision[], time: number): number | undefined {
  const recorded = revisions.filter(({ from }) => from <= time).map(({ revision }) => revision);
  return recorded.length > 0 ? Math.max(...recorded) : Math.min(...revisions.map(({ revision }) => revision));
}

/** Times at which not exactly that revision holds which the rule gives, in words. */
export function wrongTimes(revisions: readonly StoredRevision[]): string[] {
  return timesAround(revisions).flatMap((time) => {
    const holding = revisions.filter(({ since, until }) => since <= time && until > time);
    const [held, due] = [holding.map(({ revision }) => revision).join(), latestBy(revisions, time)];
    return held === String(due) ? [] : [`At ${time} revision ${held} holds instead of ${due}.`];
  });
}
