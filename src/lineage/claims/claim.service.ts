import { type Actor, actorId } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { assetNotFound } from '../../catalog/assets/asset.service.js';
import { badInput, limitExceeded } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { ClaimReconciler } from '../statements/claim-reconciler.js';
import type { ClaimLineageInput, FlowInput, RetractLineageInput } from './claim.input.js';
import {
  ASSET_FLOWS,
  type ClaimedFlow,
  type Flow,
  MAX_FLOWS,
  type Retracted,
  type Retraction,
} from '../statements/claim.js';
import type { ClaimRepository, FlowEnd } from '../statements/claim.repository.js';
import * as request from './claim.request.js';
import { reportedTime } from '../../reported-time.js';
import { runNotFound } from '../runs/run.js';
import type { LockedRun, RunRepository } from '../runs/run.repository.js';
import { SourceRetraction } from './source-retraction.service.js';

/** Flows of one subject. */
interface About {
  subject: request.Subject;
  flows: Flow[];
}

/** Stating flows, and taking back what was stated: who may, and what is recorded of it. */
export class ClaimService {
  private readonly retraction: SourceRetraction;

  constructor(
    private readonly graph: Graph,
    private readonly engine: ClaimReconciler,
    private readonly claims: ClaimRepository,
    private readonly runs: RunRepository,
    private readonly now: () => Date,
  ) {
    this.retraction = new SourceRetraction(graph, engine, now, ASSET_FLOWS, 'lineage:retract');
  }

  /**
   * Keeps what a source reports. The named flows with the source's claims on them, and how many flows ended because a
   * complete report leaves them out. Throws NOT_FOUND, FORBIDDEN, LIMIT_EXCEEDED or BAD_USER_INPUT.
   */
  async claim(actor: Actor, input: ClaimLineageInput): Promise<{ edges: ClaimedFlow[]; ended: number }> {
    const claimSource = request.claimSourceOf(actor, input.claimSource);
    request.checkScope(input);
    const given = reportedTime('validFrom', input.validFrom, this.now());
    return this.graph.write(actor.origin, async (tx) => {
      const run = input.run == null ? null : await this.lockRun(tx, actor, input.run);
      const validFrom = given ?? run?.run.startedAt ?? run?.run.createdAt ?? this.now();
      const validUntil = input.validUntil ?? null;
      if (validUntil && validUntil <= validFrom)
        throw badInput(
          `\`validUntil\` is ${validUntil.toISOString()}; it must be later than \`validFrom\`, ${validFrom.toISOString()}.`,
        );
      const abouts = await this.readReport(tx, actor, input, run);
      const said = { claimSource, scope: input.scope, runId: run?.run.id ?? null, validFrom, validUntil };
      const reports = abouts.map(({ subject, flows }) => ({
        ...said,
        byId: actorId(actor),
        subjectId: subject.id,
        flows,
      }));
      const { flows, ended } = await this.engine.state(tx, ASSET_FLOWS, reports);
      const { claimSource: source, runId, ...rest } = said;
      const after = { source, ...rest, ...(runId === null ? {} : { run: runId }), ended, flows: flowsOf(abouts) };
      await this.audit(tx, actor, 'lineage:claim', abouts, { after, reason: input.reason ?? null });
      return { edges: flows, ended };
    });
  }

  /**
   * Takes back, or ends, what a source stated: of flows, a run or a transformation at once. Throws NOT_FOUND, FORBIDDEN,
   * LIMIT_EXCEEDED or BAD_USER_INPUT.
   */
  async retract(actor: Actor, input: RetractLineageInput): Promise<Retracted> {
    const claimSource = request.retractedSourceOf(actor, input.claimSource);
    const selection = request.selectionOf(input);
    const from = reportedTime('from', input.from, this.now());
    const reason = input.reason ?? null;
    if (selection === 'everything') return this.retraction.everything(actor, { claimSource, from, reason });
    return this.graph.write(actor.origin, async (tx) => {
      const abouts = await this.readRetraction(tx, actor, input);
      const retractions = abouts.map(({ subject, of }) => ({ claimSource, subjectId: subject.id, of, from }));
      const done = await this.retraction.each(tx, retractions);
      const what = selection === 'flows' ? {} : { [selection]: input[selection] };
      const after = { source: claimSource, ...what, ...(from ? { from } : {}), ...done, flows: flowsOf(abouts) };
      await this.audit(tx, actor, 'lineage:retract', abouts, { after, reason });
      return done;
    });
  }

  private async readReport(
    tx: WriteTransaction,
    actor: Actor,
    input: ClaimLineageInput,
    run: LockedRun | null,
  ): Promise<About[]> {
    const abouts = await this.readFlows(tx, actor, input.flows);
    const owner = run && { id: run.run.transformationId, urn: run.urn, rights: run.rights };
    const named = input.transformation == null ? null : await this.readSubject(tx, actor, input.transformation);
    for (const [only, what] of [
      [owner, 'run'],
      [named, 'transformation'],
    ] as const) {
      const other = only && abouts.find(({ subject }) => subject.id !== only.id);
      if (only && other)
        throw badInput(
          `A flow is about ${other.subject.urn}, but \`${what}\` is of ${only.urn}. Report each transformation by itself.`,
        );
    }
    if (owner && named && owner.id !== named.id) throw badInput(`The run is one of ${owner.urn}, not of ${named.urn}.`);
    const subject = named ?? owner;
    if (abouts.length > 0 || !subject) return abouts;
    request.checkEditable(actor, subject);
    return [{ subject, flows: [] }];
  }

  private async readRetraction(
    tx: WriteTransaction,
    actor: Actor,
    input: RetractLineageInput,
  ): Promise<(About & Pick<Retraction, 'of'>)[]> {
    if (input.run != null) {
      const { run, urn, rights } = await this.lockRun(tx, actor, input.run);
      const subject = { id: run.transformationId, urn, rights };
      request.checkEditable(actor, subject);
      return [{ subject, flows: [], of: { runId: run.id } }];
    }
    if (input.transformation != null) {
      const subject = await this.readSubject(tx, actor, input.transformation);
      request.checkEditable(actor, subject);
      return [{ subject, flows: [], of: 'everything' }];
    }
    if (!input.flows || input.flows.length === 0) throw badInput('Name at least one flow.');
    const abouts = await this.readFlows(tx, actor, input.flows);
    return abouts.map((about) => ({ ...about, of: { flows: about.flows } }));
  }

  /** The flows, each once, by what they are about. In order of the subject: the order in which streams are locked. */
  private async readFlows(tx: WriteTransaction, actor: Actor, given: readonly FlowInput[]): Promise<About[]> {
    if (given.length > MAX_FLOWS)
      throw limitExceeded(`${given.length} flows at once; at most ${MAX_FLOWS} are possible.`);
    const refs = [...new Set(given.flatMap(({ source, target }) => [source, target]))];
    const ends = refs.length === 0 ? new Map<string, FlowEnd>() : await this.claims.flowEnds(tx, actor, refs);
    const end = (ref: string): FlowEnd => {
      const found = ends.get(ref);
      if (!found) throw assetNotFound(ref);
      return found;
    };
    const abouts = new Map<string, { subject: FlowEnd; flows: Map<string, Flow> }>();
    for (const each of given) {
      const { source, target, subject } = request.checkFlow(actor, end(each.source), end(each.target));
      const about = abouts.get(subject.id) ?? { subject, flows: new Map<string, Flow>() };
      about.flows.set(`${source} ${target}`, { source, target });
      abouts.set(subject.id, about);
    }
    const ordered = [...abouts.values()].sort((a, b) => (a.subject.id < b.subject.id ? -1 : 1));
    return ordered.map(({ subject, flows }) => ({ subject, flows: [...flows.values()] }));
  }

  private async readSubject(tx: WriteTransaction, actor: Actor, ref: string): Promise<FlowEnd> {
    const found = (await this.claims.flowEnds(tx, actor, [ref])).get(ref);
    if (!found) throw assetNotFound(ref);
    request.checkProcessing(found);
    return found;
  }

  private async lockRun(tx: WriteTransaction, actor: Actor, id: string): Promise<LockedRun> {
    const locked = await this.runs.lock(tx, actor, id);
    if (!locked) throw runNotFound(id);
    return locked;
  }

  private audit(
    tx: WriteTransaction,
    actor: Actor,
    action: string,
    abouts: readonly About[],
    what: { after: Record<string, unknown>; reason: string | null },
  ): Promise<void> {
    const flows = flowsOf(abouts);
    const subjects = abouts.map(({ subject }) => subject.id);
    const assetIds = [...new Set([...subjects, ...flows.flatMap(({ source, target }) => [source, target])])];
    const name = abouts.length === 1 ? abouts[0]?.subject.urn : undefined;
    const target = { targetId: assetIds[0] ?? '', targetName: name ?? `${flows.length} flow(s)`, assetIds };
    return recordAudit(tx, actor, { action, ...target, ...what, at: this.now() });
  }
}

function flowsOf(abouts: readonly About[]): Flow[] {
  return abouts.flatMap(({ flows }) => flows);
}
