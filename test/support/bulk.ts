import { urnKey, urnOf } from '../../src/catalog/model/urn.js';
import { nameTokens } from '../../src/catalog/text/searched.js';
import { newId } from '../../src/ids.js';
import type { WriteTransaction } from '../../src/neo4j/graph.js';
import type { Client } from './client.js';
import { Seed, type SeededAsset } from './seed.js';
import type { TestWeftline } from './weftline.js';

const ORIGIN = { requestId: 'test', operation: 'test' };
/** What one transaction may hold: tests share a database with little memory. */
const PORTION = 2_000;

const KINDS = {
  dataset: 'Dataset',
  transformation: 'Transformation',
  model: 'Model',
  deployment: 'Deployment',
} as const;
type Kind = keyof typeof KINDS;

/** Copies of an asset with all that the product wrote of it: its alias, first revision and owners. */
const COPY_ASSETS = (label: string): string => `// test.copyAssets
MATCH (proto:Asset {id: $proto})
MATCH (protoRevision:AssetRevision {key: proto.id + ':1'})
UNWIND $assets AS each
CREATE (a:Node:Asset:${label})
SET a = proto {.*, id: each.id, urn: each.urn, name: each.name, nameTokens: each.tokens}
CREATE (:Alias {key: each.key, urn: each.urn})-[:NAMES]->(a)
CREATE (:Alias {key: 'id:' + each.id})-[:NAMES]->(a)
CREATE (r:AssetRevision)-[:REVISION_OF]->(a)
SET r = protoRevision {.*, key: a.id + ':1', id: a.id, urn: a.urn, name: a.name, nameTokens: a.nameTokens}
WITH proto, a
MATCH (p:Principal)-[protoOwns:OWNS]->(proto)
CREATE (p)-[owns:OWNS]->(a) SET owns = properties(protoOwns)`;

/** Copies of a flow with all that the product wrote of it: the claim, and the statement it follows from. */
const COPY_FLOWS = `// test.copyFlows
MATCH (from:Asset {id: $proto.source})-[protoClaim:FEEDS]->(to:Asset {id: $proto.target})
MATCH (protoReport:LineageReport)-[protoStates:STATES]->(protoFlow:ClaimedFlow {sourceId: from.id, targetId: to.id})
MATCH (protoStream:ClaimStream {id: protoFlow.streamId})
UNWIND $flows AS flow
MATCH (s:Asset {id: flow.source}), (t:Asset {id: flow.target})
CREATE (s)-[claim:FEEDS]->(t) SET claim = properties(protoClaim), claim.id = flow.id
MERGE (stream:ClaimStream {key: 'FEEDS ' + flow.subject + ' ' + protoStream.source})
  ON CREATE SET stream += protoStream {.relationship, .source, .reports}, stream.id = flow.streamId, stream.subjectId = flow.subject
CREATE (stated:ClaimedFlow)
SET stated = protoFlow {.*, key: stream.id + ' ' + s.id + ' ' + t.id, streamId: stream.id, sourceId: s.id, targetId: t.id}
CREATE (report:LineageReport) SET report = protoReport {.*, id: flow.reportId, streamId: stream.id}
CREATE (report)-[states:STATES]->(stated) SET states = properties(protoStates), states.id = flow.id`;

/** Copies of an asset, its owners and the flow to it: what reading lineage reads, and nothing that only a writer asks for. */
const COPY_CONSUMERS = (label: string): string => `// test.copyConsumers
MATCH (from:Asset {id: $source})-[protoClaim:FEEDS]->(proto:Asset {id: $proto})
MATCH (p:Principal)-[protoOwns:OWNS]->(proto)
WITH from, protoClaim, proto, collect({owner: p, owns: properties(protoOwns)}) AS owners
UNWIND $assets AS each
CREATE (a:Node:Asset:${label})
SET a = proto {.*, id: each.id, urn: each.urn, name: each.name, nameTokens: each.tokens}
CREATE (:Alias {key: 'id:' + each.id})-[:NAMES]->(a)
CREATE (from)-[claim:FEEDS]->(a) SET claim = properties(protoClaim), claim.id = each.claimId
FOREACH (each IN owners | FOREACH (p IN [each.owner] | CREATE (p)-[owns:OWNS]->(a) SET owns = each.owns))`;

const DELETE_PORTION = `// test.deletePortion
MATCH (a:Asset {namespace: $namespace}) WITH a LIMIT ${PORTION}
OPTIONAL MATCH (hung)-[:NAMES|REVISION_OF|FIELD_OF]->(a)
WITH a, collect(hung) AS all
FOREACH (each IN all | DETACH DELETE each)
WITH a, a.id AS id
DETACH DELETE a
WITH id
OPTIONAL MATCH (stream:ClaimStream {key: 'FEEDS ' + id + ' manual'})
OPTIONAL MATCH (flow:ClaimedFlow {streamId: stream.id})
OPTIONAL MATCH (report:LineageReport)-[:STATES]->(flow)
DETACH DELETE stream, flow, report
RETURN count(DISTINCT id) AS deleted`;

/**
 * Large graphs, faster than the API makes them and no different: one thing is made through the API, and the rest are
 * copies of all that was written of it. Whatever the product comes to write, copies have it too.
 */
export class Bulk {
  private readonly seed: Seed;
  private readonly prototypes = new Map<Kind, SeededAsset>();

  constructor(
    private readonly server: TestWeftline,
    client: Client,
    readonly namespace: string,
  ) {
    this.seed = new Seed(client, namespace);
  }

  /** Assets of the kind with these names, in that order. */
  async assets(kind: Kind, names: readonly string[]): Promise<SeededAsset[]> {
    const proto = await this.prototype(kind);
    const made = names.map((name) => this.named(kind, name));
    await this.inPortions(made, (tx, assets) => tx.run(COPY_ASSETS(KINDS[kind]), { proto: proto.id, assets }));
    return made.map(({ id, urn }) => ({ id, urn }));
  }

  /** Flows from and to transformations and deployments, which they are about: `[source, target, subject]`. */
  async flows(flows: readonly (readonly [source: string, target: string, subject: string])[]): Promise<void> {
    const [data, job] = [await this.prototype('dataset'), await this.prototype('transformation')];
    await this.seed.flow([data.id, job.id]);
    const proto = { source: data.id, target: job.id };
    const made = flows.map(([source, target, subject]) => {
      return { id: newId(), source, target, subject, streamId: newId(), reportId: newId() };
    });
    await this.inPortions(made, (tx, portion) => tx.run(COPY_FLOWS, { proto, flows: portion }));
  }

  /**
   * Transformations with these names that read the asset, to be walked to and counted and never written: the first is made
   * through the API, the rest are copies of it with all that reading lineage reads, a fifth of what the API wrote.
   */
  async consumers(of: string, [first = '', ...rest]: readonly string[]): Promise<SeededAsset[]> {
    const proto = await this.seed.transformation(first);
    await this.seed.flow([of, proto.id]);
    const made = rest.map((name) => ({ ...this.named('transformation', name), claimId: newId() }));
    await this.inPortions(made, (tx, assets) =>
      tx.run(COPY_CONSUMERS(KINDS.transformation), { source: of, proto: proto.id, assets }),
    );
    return [proto, ...made.map(({ id, urn }) => ({ id, urn }))];
  }

  /** Deletes what is in the namespace: other tests share the memory of the database. */
  async clear(): Promise<void> {
    const deletePortion = (): Promise<number> =>
      this.server.graph.write(ORIGIN, async (tx) =>
        (await tx.one(DELETE_PORTION, { namespace: this.namespace })).int('deleted'),
      );
    while ((await deletePortion()) > 0);
  }

  private named(kind: Kind, name: string): SeededAsset & { name: string; key: string; tokens: string } {
    const urn = urnOf(kind.toUpperCase() as Uppercase<Kind>, this.namespace, name);
    return { id: newId(), name, urn, key: urnKey(urn), tokens: nameTokens(name) };
  }

  private async prototype(kind: Kind): Promise<SeededAsset> {
    const made = this.prototypes.get(kind) ?? (await this.seed[kind](`prototype-of-${kind}`));
    this.prototypes.set(kind, made);
    return made;
  }

  private async inPortions<T>(
    all: readonly T[],
    write: (tx: WriteTransaction, portion: readonly T[]) => Promise<unknown>,
  ): Promise<void> {
    for (let start = 0; start < all.length; start += PORTION)
      await this.server.graph.write(ORIGIN, (tx) => write(tx, all.slice(start, start + PORTION)));
  }
}
