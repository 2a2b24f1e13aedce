import type { Driver } from 'neo4j-driver';
import { union } from '../../src/lineage/statements/validity.js';

const ASSETS = `MATCH (a:Asset) WHERE a.namespace STARTS WITH $prefix
RETURN {kind: a.kind, namespace: a.namespace, name: a.name,
  fields: COLLECT { MATCH (f:Field)-[:FIELD_OF]->(a) WHERE f.removedAt IS NULL RETURN [f.name, f.type, f.description] ORDER BY f.ordinal },
  owners: a.ownerIds} AS row ORDER BY a.kind, a.namespace, a.name`;
const CLAIMS = `MATCH (a:Asset)-[c:FEEDS]->(b:Asset) WHERE a.namespace STARTS WITH $prefix AND c.retractedAt IS NULL
RETURN a.namespace + ' ' + a.name + ' > ' + b.namespace + ' ' + b.name AS flow, c.validFrom AS validFrom, c.validUntil AS validUntil`;
const COLUMNS = `MATCH (x:Field)-[c:FEEDS_FIELD]->(y:Field), (x)-[:FIELD_OF]->(a:Asset), (y)-[:FIELD_OF]->(b:Asset), (t:Asset {id: c.via})
WHERE a.namespace STARTS WITH $prefix AND c.retractedAt IS NULL
RETURN a.namespace + ' ' + a.name + '.' + x.name + ' > ' + b.namespace + ' ' + b.name + '.' + y.name + ' by ' + t.name
  + ' ' + c.type + ' ' + c.subtype + ' ' + c.description + ' ' + c.masking AS flow,
  c.validFrom AS validFrom, c.validUntil AS validUntil`;
const RUNS = `MATCH (r:Run)-[:RUN_OF]->(t:Asset) WHERE t.namespace STARTS WITH $prefix AND r.reportKey IS NOT NULL
OPTIONAL MATCH (parent:Run {id: r.parentId})-[:RUN_OF]->(of:Asset)
RETURN {job: t.namespace + ' ' + t.name, id: r.externalId, state: r.state, started: toString(r.startedAt), ended: toString(r.endedAt),
  error: r.error, facets: r.facets, parent: of.name + ' ' + parent.externalId,
  used: COLLECT { MATCH (v:Version)-[u:USED_BY]->(r), (v)-[:VERSION_OF]->(a)
                  RETURN [a.name, v.version, u.inferred, toString(u.since)] AS used ORDER BY used },
  made: COLLECT { MATCH (r)-[m:GENERATED]->(v:Version)-[:VERSION_OF]->(a) RETURN [a.name, v.version, toString(m.since)] AS made ORDER BY made }
} AS row ORDER BY t.namespace, t.name, r.externalId`;
const VERSIONS = `MATCH (v:Version)-[:VERSION_OF]->(a:Asset) WHERE a.namespace STARTS WITH $prefix
RETURN {of: a.namespace + ' ' + a.name, version: v.version, made: toString(v.madeAt), rows: v.rowCount, bytes: v.bytes} AS row
ORDER BY a.namespace, a.name, v.version`;
const FACETS = `MATCH (f:ReportedFacet)-[:SAID_OF]->(a:Asset) WHERE a.namespace STARTS WITH $prefix
RETURN {of: a.namespace + ' ' + a.name, name: f.name, body: f.body, at: toString(f.at)} AS row ORDER BY a.namespace, a.name, f.name`;

const CHANGES = `MATCH (c:DatasetChange)-[:CHANGE_OF]->(a:Asset) WHERE a.namespace STARTS WITH $prefix
OPTIONAL MATCH (r:Run {id: c.runId})
RETURN {of: a.namespace + ' ' + a.name, change: c.change, at: toString(c.at), done: c.done, run: r.externalId, isRename: c.fromKey IS NOT NULL} AS row
ORDER BY a.namespace, a.name, c.at, c.change, r.externalId`;
const QUALITY = `MATCH (q:QualityResult) MATCH (a:Asset {id: q.assetId}) WHERE a.namespace STARTS WITH $prefix
OPTIONAL MATCH (v:Version {id: q.versionId})
RETURN {of: a.namespace + ' ' + a.name, kind: q.kind, assertion: q.assertion, success: q.success, field: q.field, at: toString(q.measuredAt),
  version: v.version, observed: q.observed} AS row ORDER BY a.namespace, a.name, q.measuredAt, q.assertion, q.field, v.version`;

const timeOf = (value: unknown): Date => new Date(String(value));

/**
 * All that events brought in under the prefix, as it is now known, without the prefix, ids and times of recording: two graphs that got the
 * same events, in whatever order, show the same. Of a flow it is when it is claimed that counts, not in how many pieces that came.
 */
export async function reportedGraph(driver: Driver, prefix: string): Promise<unknown> {
  const ask = async (statement: string): Promise<Record<string, unknown>[]> =>
    (await driver.executeQuery(statement, { prefix })).records.map((record) => record.toObject());
  const rows = async (statement: string) => (await ask(statement)).map(({ row }) => row);
  const flows = async (statement: string) => {
    const times = new Map<string, { validFrom: Date; validUntil: Date | null }[]>();
    for (const { flow, validFrom, validUntil } of await ask(statement)) {
      const time = {
        validFrom: timeOf(validFrom),
        validUntil: validUntil === null ? null : timeOf(validUntil),
      };
      times.set(String(flow), [...(times.get(String(flow)) ?? []), time]);
    }
    return Object.fromEntries(
      [...times].sort(([a], [b]) => (a < b ? -1 : 1)).map(([flow, each]) => [flow, union(each)]),
    );
  };
  const graph = {
    assets: await rows(ASSETS),
    claims: await flows(CLAIMS),
    columns: await flows(COLUMNS),
    runs: await rows(RUNS),
    versions: await rows(VERSIONS),
    facets: await rows(FACETS),
    changes: await rows(CHANGES),
    quality: await rows(QUALITY),
  };
  const text = JSON.stringify(graph, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return JSON.parse(text.replaceAll(prefix, '')) as unknown;
}
