import { type Actor, actorId } from '../auth/actor.js';
import { may } from '../auth/rights.js';
import { recordAudit } from '../audit/record.js';
import { assetNotFound } from '../catalog/asset.service.js';
import { badInput, forbidden, limitExceeded } from '../errors.js';
import type { Graph, WriteTransaction } from '../neo4j/graph.js';
import type { ClaimLineageInput, FlowInput, RetractLineageInput } from './claim.input.js';
import { FEEDS, type Flow, MAX_FLOWS, type Statement } from './claim.js';
import type { ClaimRepository, FlowEnd } from './claim.repository.js';
import type { LineageEdge } from './lineage.js';

/** Stating flows, and taking back what was stated. */
export class ClaimService {
  constructor(
    private readonly graph: Graph,
    private readonly claims: ClaimRepository,
    private readonly now: () => Date,
  ) {}

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
      const stated = await this.claims.claimFlows(tx, flows, statement);
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
      const retracted = await this.claims.retractFlows(tx, flows, claimSource);
      const after = { source: claimSource, retracted, flows };
      await this.audit(tx, actor, 'lineage:retract', flows, { after, reason: input.reason ?? null });
      return retracted;
    });
  }

  /** States flows that Weftline itself observed, within the transaction that recorded what was observed. */
  async observe(tx: WriteTransaction, flows: readonly Flow[], statement: Omit<Statement, 'validUntil'>): Promise<void> {
    if (flows.length > 0) await this.claims.claimFlows(tx, flows, { ...statement, validUntil: null });
  }

  /** Ends flows that Weftline itself observed. */
  async endObserved(tx: WriteTransaction, flows: readonly Flow[], claimSource: string): Promise<void> {
    if (flows.length > 0) await this.claims.endFlows(tx, flows, claimSource);
  }

  private async readFlows(tx: WriteTransaction, actor: Actor, given: readonly FlowInput[]): Promise<Flow[]> {
    if (given.length === 0) throw badInput('Name at least one flow.');
    if (given.length > MAX_FLOWS)
      throw limitExceeded(`${given.length} flows at once; at most ${MAX_FLOWS} are possible.`);
    const refs = [...new Set(given.flatMap(({ source, target }) => [source, target]))];
    const ends = await this.claims.flowEnds(tx, actor, refs);
    const end = (ref: string): FlowEnd => {
      const found = ends.get(ref);
      if (!found) throw assetNotFound(ref);
      return found;
    };
    return given.map(({ source, target }) => checkFlow(actor, end(source), end(target)));
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
