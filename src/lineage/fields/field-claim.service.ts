import { createHash } from 'node:crypto';
import { type Actor, actorId } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { badInput } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { ClaimReconciler } from '../statements/claim-reconciler.js';
import { FIELD_FLOWS, type Retracted, type Retraction } from '../statements/claim.js';
import type { FlowEnd } from '../statements/claim.repository.js';
import { checkScope, claimSourceOf, retractedSourceOf, selectionOf } from '../claims/claim.request.js';
import type { ClaimFieldLineageInput, RetractFieldLineageInput } from './field-claim.input.js';
import { type FieldFlow, toFlow } from './field-claim.js';
import type { FieldFlows, FieldFlowsVia } from './field-flows.service.js';
import { reportedTime } from '../../reported-time.js';
import { type Run, runNotFound } from '../runs/run.js';
import type { RunRepository } from '../runs/run.repository.js';
import { SourceRetraction } from '../claims/source-retraction.service.js';

/** Stating how fields go into fields, and taking back what was stated: who may, and what is recorded of it. */
export class FieldClaimService {
  private readonly retraction: SourceRetraction;

  /** `awaitDecisions`: labels flow along columns, so decisions that have begun are kept before these change. */
  constructor(
    private readonly graph: Graph,
    private readonly engine: ClaimReconciler,
    private readonly flows: FieldFlows,
    private readonly runs: RunRepository,
    private readonly now: () => Date,
    private readonly awaitDecisions: (tx: WriteTransaction, now: Date) => Promise<void>,
  ) {
    this.retraction = new SourceRetraction(graph, engine, now, FIELD_FLOWS, 'fieldLineage:retract', awaitDecisions);
  }

  /**
   * Keeps what a source reports. How many flows were stated, and how many ended because a complete report leaves them
   * out. Throws NOT_FOUND, FORBIDDEN, LIMIT_EXCEEDED or BAD_USER_INPUT.
   */
  async claim(actor: Actor, input: ClaimFieldLineageInput): Promise<{ stated: number; ended: number }> {
    const claimSource = claimSourceOf(actor, input.claimSource);
    checkScope(input);
    const given = reportedTime('validFrom', input.validFrom, this.now());
    return this.graph.write(actor.origin, async (tx) => {
      const run = input.run == null ? null : await this.readRun(tx, actor, input.run);
      const validFrom = given ?? run?.run.startedAt ?? run?.run.createdAt ?? this.now();
      const validUntil = input.validUntil ?? null;
      if (validUntil && validUntil <= validFrom)
        throw badInput(
          `\`validUntil\` is ${validUntil.toISOString()}; it must be later than \`validFrom\`, ${validFrom.toISOString()}.`,
        );
      const abouts = await this.readReport(tx, actor, input, run?.via ?? null, validFrom);
      const said = { claimSource, scope: input.scope, runId: run?.run.id ?? null, validFrom, validUntil };
      const reports = abouts.map(({ via, flows }) => {
        return { ...said, byId: actorId(actor), subjectId: via.id, flows: flows.map(toFlow) };
      });
      await this.awaitDecisions(tx, this.now());
      const { flows, ended } = await this.engine.state(tx, FIELD_FLOWS, reports);
      const { claimSource: source, runId, ...rest } = said;
      const outcome = { stated: flows.length, ended };
      const after = { source, ...rest, ...(runId === null ? {} : { run: runId }), ...outcome };
      await this.audit(tx, actor, 'fieldLineage:claim', abouts, { after, reason: input.reason ?? null });
      return outcome;
    });
  }

  /**
   * Takes back, or ends, what a source stated: of flows, a run, a transformation or all. Throws NOT_FOUND, FORBIDDEN,
   * LIMIT_EXCEEDED or BAD_USER_INPUT.
   */
  async retract(actor: Actor, input: RetractFieldLineageInput): Promise<Retracted> {
    const claimSource = retractedSourceOf(actor, input.claimSource);
    const selection = selectionOf(input);
    const from = reportedTime('from', input.from, this.now());
    const reason = input.reason ?? null;
    if (selection === 'everything') return this.retraction.everything(actor, { claimSource, from, reason });
    return this.graph.write(actor.origin, async (tx) => {
      const abouts = await this.readRetraction(tx, actor, input, claimSource);
      const retractions = abouts.map(({ via, of }) => ({ claimSource, subjectId: via.id, of, from }));
      const done = await this.retraction.each(tx, retractions);
      const what = selection === 'flows' ? {} : { [selection]: input[selection] };
      const after = { source: claimSource, ...what, ...(from ? { from } : {}), ...done };
      await this.audit(tx, actor, 'fieldLineage:retract', abouts, { after, reason });
      return done;
    });
  }

  private async readReport(
    tx: WriteTransaction,
    actor: Actor,
    input: ClaimFieldLineageInput,
    ran: FlowEnd | null,
    validFrom: Date,
  ): Promise<FieldFlowsVia[]> {
    const abouts = await this.flows.read(tx, actor, input.flows, validFrom);
    const named = input.transformation == null ? null : await this.flows.editable(tx, actor, input.transformation);
    if (ran && named && ran.id !== named.id) throw badInput(`The run is one of ${ran.urn}, not of ${named.urn}.`);
    const only = named ?? ran;
    const other = only && abouts.find(({ via }) => via.id !== only.id);
    if (other)
      throw badInput(
        `A flow is via ${other.via.urn}, but the report is about ${only.urn}. Report each transformation by itself.`,
      );
    return only && abouts.length === 0 ? [{ via: only, flows: [], datasets: [] }] : abouts;
  }

  private async readRetraction(
    tx: WriteTransaction,
    actor: Actor,
    input: RetractFieldLineageInput,
    claimSource: string,
  ): Promise<(FieldFlowsVia & Pick<Retraction, 'of'>)[]> {
    if (input.run != null) {
      const { run, via } = await this.readRun(tx, actor, input.run);
      return [{ via, flows: [], datasets: [], of: { runId: run.id } }];
    }
    if (input.transformation != null) {
      const via = await this.flows.editable(tx, actor, input.transformation);
      return [{ via, flows: [], datasets: [], of: 'everything' }];
    }
    const abouts = await this.flows.readStated(tx, actor, input.flows ?? [], claimSource);
    if (abouts.length === 0) throw badInput('Name at least one flow.');
    return abouts.map((about) => ({ ...about, of: { flows: about.flows.map(toFlow) } }));
  }

  /** The run, and its transformation, which the actor may EDIT. Throws NOT_FOUND or FORBIDDEN. */
  private async readRun(tx: WriteTransaction, actor: Actor, id: string): Promise<{ run: Run; via: FlowEnd }> {
    const locked = await this.runs.lock(tx, actor, id);
    if (!locked) throw runNotFound(id);
    return { run: locked.run, via: await this.flows.editable(tx, actor, locked.run.transformationId) };
  }

  private audit(
    tx: WriteTransaction,
    actor: Actor,
    action: string,
    abouts: readonly FieldFlowsVia[],
    { after, reason }: { after: Record<string, unknown>; reason: string | null },
  ): Promise<void> {
    const vias = abouts.map(({ via }) => via);
    const assetIds = [...new Set([...vias.map(({ id }) => id), ...abouts.flatMap(({ datasets }) => datasets)])];
    const name = vias.length === 1 ? vias[0]?.urn : undefined;
    const target = { targetId: assetIds[0] ?? '', targetName: name ?? `${vias.length} transformations`, assetIds };
    const flows = digestOf(abouts.flatMap((about) => about.flows));
    return recordAudit(tx, actor, { action, ...target, after: { ...after, flows }, reason, at: this.now() });
  }
}

/** Stands for the flows in the log, where thousands would be too many; they themselves are kept as statements. */
function digestOf(flows: readonly FieldFlow[]): string {
  const told = flows.map((flow) => JSON.stringify(toFlow(flow))).sort();
  return `${told.length}, sha256:${createHash('sha256').update(told.join('\n')).digest('hex')}`;
}
