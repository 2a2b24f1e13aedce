import { randomBytes } from 'node:crypto';
import { type Actor, actorId } from '../auth/actor.js';
import { may } from '../auth/rights.js';
import { recordAudit } from '../audit/record.js';
import { assetNotFound } from '../catalog/asset.service.js';
import type { AssetKind } from '../catalog/urn.js';
import { badInput, forbidden, limitExceeded } from '../errors.js';
import { MAX_PAGE } from '../graphql/page.js';
import type { SealedCursors } from '../graphql/sealed-cursor.js';
import type { Graph, WriteTransaction } from '../neo4j/graph.js';
import type { ClaimLineageInput, FlowInput, RetractLineageInput } from './lineage.input.js';
import {
  type Claim,
  type Lineage,
  type LineageEdge,
  type LineageQuestion,
  MAX_LINEAGE_DEPTH,
  MAX_ROOTS,
} from './lineage.js';
import type { FacetCount, Flow, FlowEnd, LineageRepository, Statement, TraceRow } from './lineage.repository.js';

/** Which kinds can feed which: the way data flows. */
const FEEDS: Record<AssetKind, readonly AssetKind[]> = {
  DATASET: ['TRANSFORMATION'],
  TRANSFORMATION: ['DATASET', 'MODEL'],
  MODEL: ['TRANSFORMATION', 'DEPLOYMENT'],
  DEPLOYMENT: ['DATASET'],
};

/** Claim sources that only Weftline itself uses. */
export const RUN_CLAIMS = 'weftline/runs';
export const RELEASE_CLAIMS = 'weftline/releases';

const MAX_FLOWS = 1_000;

/** Lineage at asset level: stating flows, and tracing them. */
export class LineageService {
  constructor(
    private readonly graph: Graph,
    private readonly lineage: LineageRepository,
    private readonly cursors: SealedCursors,
    private readonly now: () => Date,
  ) {}

  /** The lineage of the given assets together. Throws NOT_FOUND, BAD_USER_INPUT or LIMIT_EXCEEDED. */
  async trace(actor: Actor, refs: readonly string[], question: LineageQuestion): Promise<Lineage> {
    const answers = await this.traceEach(actor, new Map([['', refs]]), question);
    const answer = answers.get('');
    if (!answer) throw new Error('The lineage statement gave no answer.');
    return answer;
  }

  /** The same question about several sets of roots, in one statement: for a list of assets. */
  async traceEach(
    actor: Actor,
    roots: ReadonlyMap<string, readonly string[]>,
    question: LineageQuestion,
  ): Promise<Map<string, Lineage>> {
    checkQuestion(question);
    for (const refs of roots.values()) checkRoots(refs);
    const position = question.after === null ? null : this.readPosition(question.after);
    const nonce = position?.nonce ?? randomBytes(12).toString('base64url');
    const answers = await this.lineage.trace(actor, roots, question, position);
    for (const [key, refs] of roots) {
      const missing = refs.find((ref) => !answers.get(key)?.found.includes(ref));
      if (missing !== undefined) throw assetNotFound(missing);
    }
    return new Map([...answers].map(([key, row]) => [key, this.toLineage(row, nonce)]));
  }

  /** Counts by kind, owner and tag over all visible assets reached. */
  facetsEach(
    actor: Actor,
    roots: ReadonlyMap<string, readonly string[]>,
    question: LineageQuestion,
  ): Promise<Map<string, FacetCount[]>> {
    return this.lineage.facets(actor, roots, question);
  }

  /** States flows in the name of a source. Throws NOT_FOUND, FORBIDDEN or BAD_USER_INPUT. */
  async claim(actor: Actor, input: ClaimLineageInput): Promise<LineageEdge[]> {
    const validFrom = input.validFrom ?? this.now();
    const validUntil = input.validUntil ?? null;
    if (validUntil && validUntil <= validFrom) throw badInput('`validUntil` must be later than `validFrom`.');
    const statement = {
      claimSource: claimSourceOf(input.claimSource),
      runId: null,
      byId: actorId(actor),
      validFrom,
      validUntil,
    };
    return this.graph.write(actor.origin, async (tx) => {
      const flows = await this.readFlows(tx, actor, input.flows);
      const stated = await this.lineage.claimFlows(tx, flows, statement);
      const after = { source: statement.claimSource, validFrom, validUntil, flows };
      await this.audit(tx, actor, 'lineage:claim', flows, { after, reason: input.reason ?? null });
      return stated;
    });
  }

  /** Takes back what a source states of flows. How many claims were taken back. Throws as `claim`. */
  async retract(actor: Actor, input: RetractLineageInput): Promise<number> {
    const claimSource = claimSourceOf(input.claimSource);
    return this.graph.write(actor.origin, async (tx) => {
      const flows = await this.readFlows(tx, actor, input.flows);
      const retracted = await this.lineage.retractFlows(tx, flows, claimSource);
      const after = { source: claimSource, retracted, flows };
      await this.audit(tx, actor, 'lineage:retract', flows, { after, reason: input.reason ?? null });
      return retracted;
    });
  }

  /** States flows that Weftline itself observed, within the transaction that recorded what was observed. */
  async observe(tx: WriteTransaction, flows: readonly Flow[], statement: Omit<Statement, 'validUntil'>): Promise<void> {
    if (flows.length > 0) await this.lineage.claimFlows(tx, flows, { ...statement, validUntil: null });
  }

  /** Ends flows that Weftline itself observed. */
  async endObserved(tx: WriteTransaction, flows: readonly Flow[], claimSource: string): Promise<void> {
    if (flows.length > 0) await this.lineage.endFlows(tx, flows, claimSource);
  }

  private async readFlows(tx: WriteTransaction, actor: Actor, given: readonly FlowInput[]): Promise<Flow[]> {
    if (given.length === 0) throw badInput('Name at least one flow.');
    if (given.length > MAX_FLOWS)
      throw limitExceeded(`${given.length} flows at once; at most ${MAX_FLOWS} are possible.`);
    const refs = [...new Set(given.flatMap(({ source, target }) => [source, target]))];
    const ends = await this.lineage.flowEnds(tx, actor, refs);
    const end = (ref: string): FlowEnd => {
      const found = ends.get(ref);
      if (!found) throw assetNotFound(ref);
      return found;
    };
    return given.map(({ source, target }) => checkFlow(actor, end(source), end(target)));
  }

  private toLineage(row: TraceRow, nonce: string): Lineage {
    const hidden = new Set(row.hiddenIds);
    const keyOf = (id: string): string => (hidden.has(id) ? this.cursors.opaqueKey(nonce, id) : id);
    const last = row.nodes.at(-1);
    const first = row.nodes[0];
    const cursorAt = (node: TraceRow['nodes'][number]): string =>
      this.cursors.seal(['lineage', nonce, node.depth, node.place]);
    return {
      roots: row.roots,
      nodes: row.nodes.map(({ id, asset, depth, moreUpstream, moreDownstream }) => ({
        key: keyOf(id),
        depth,
        asset,
        hidden: asset === null,
        moreUpstream,
        moreDownstream,
      })),
      edges: groupEdges(row, hidden).map((edge) => ({
        ...edge,
        source: keyOf(edge.source),
        target: keyOf(edge.target),
      })),
      totalCount: row.total,
      completeness: {
        complete: row.hidden === 0 && row.cutByDepth === 0 && !row.hasNext && !row.hasPrevious,
        hiddenNodes: row.hidden,
        cutByDepth: row.cutByDepth,
        cutByPage: row.hasNext || row.hasPrevious,
      },
      page: {
        startCursor: first ? cursorAt(first) : null,
        endCursor: last ? cursorAt(last) : null,
        hasPreviousPage: row.hasPrevious,
        hasNextPage: row.hasNext,
      },
    };
  }

  private readPosition(cursor: string): { nonce: string; depth: number; place: string } {
    const [list, nonce, depth, place] = this.cursors.open(cursor);
    if (list !== 'lineage' || typeof nonce !== 'string' || typeof depth !== 'number' || typeof place !== 'string') {
      throw badInput('This cursor belongs to another list. Use a cursor of an earlier page of the same lineage.');
    }
    return { nonce, depth, place };
  }

  private audit(
    tx: WriteTransaction,
    actor: Actor,
    action: string,
    flows: readonly Flow[],
    what: { after: Record<string, unknown>; reason: string | null },
  ): Promise<void> {
    const assetIds = [...new Set(flows.flatMap(({ source, target }) => [source, target]))];
    const target = { targetId: assetIds[0] ?? '', targetName: `${flows.length} flow(s)`, assetIds };
    return recordAudit(tx, actor, { action, ...target, ...what, at: this.now() });
  }
}

function checkFlow(actor: Actor, source: FlowEnd, target: FlowEnd): Flow {
  if (source.id === target.id)
    throw badInput(`${source.urn} cannot feed itself. A job that overwrites its input is a transformation in between.`);
  if (!FEEDS[source.kind].includes(target.kind)) {
    throw badInput(
      `A ${source.kind} cannot feed a ${target.kind} (${source.urn} to ${target.urn}). A ${source.kind} can feed a ${FEEDS[source.kind].join(' or a ')}.`,
    );
  }
  const processing =
    [source, target].find((end) => end.kind === 'TRANSFORMATION' || end.kind === 'DEPLOYMENT') ?? target;
  if (!may(actor, processing.rights, 'EDIT')) {
    throw forbidden(`You may not EDIT ${processing.urn}. Who owns it says what it reads and writes.`);
  }
  return { source: source.id, target: target.id };
}

/** Who a claim is made in the name of; Weftline's own names cannot be borrowed. Throws BAD_USER_INPUT. */
function claimSourceOf(given: string): string {
  const source = given.trim();
  if (source === '' || [...source].length > 200) throw badInput('`claimSource` must have 1 to 200 characters.');
  if (source.startsWith('weftline/'))
    throw badInput('Claim sources that begin with "weftline/" are made by Weftline itself.');
  return source;
}

function checkQuestion({ depth, first }: LineageQuestion): void {
  if (depth < 1 || depth > MAX_LINEAGE_DEPTH)
    throw badInput(`\`depth\` is ${depth}; it must be from 1 to ${MAX_LINEAGE_DEPTH}.`);
  if (first < 1 || first > MAX_PAGE) throw badInput(`\`first\` is ${first}; it must be from 1 to ${MAX_PAGE}.`);
}

function checkRoots(refs: readonly string[]): void {
  if (refs.length === 0) throw badInput('Name at least one asset in `of`.');
  if (refs.length > MAX_ROOTS)
    throw limitExceeded(`${refs.length} assets in \`of\`; at most ${MAX_ROOTS} are possible.`);
}

/** Parallel claims become one edge. Whoever may not see an end learns only that data flows. */
function groupEdges(row: TraceRow, hidden: ReadonlySet<string>): LineageEdge[] {
  const edges = new Map<string, { source: string; target: string; claims: Claim[] }>();
  for (const { source, target, claim } of row.edges) {
    const key = `${source} ${target}`;
    const edge = edges.get(key) ?? { source, target, claims: [] };
    if (!hidden.has(source) && !hidden.has(target)) edge.claims.push(claim);
    edges.set(key, edge);
  }
  return [...edges.values()];
}
