import { createHash } from 'node:crypto';
import { type Actor, actorId } from '../../auth/actor.js';
import { may } from '../../auth/rights.js';
import { canonicalJson } from '../../audit/record/canonical-json.js';
import { recordAudit } from '../../audit/record/record.js';
import type { Asset } from '../../catalog/model/asset.js';
import { checkObject } from '../../catalog/assets/asset.changes.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { PinnedVersion, VersionRepository } from '../../catalog/versions/version.repository.js';
import { checkJson } from '../../json/limits.js';
import { badInput, conflict, forbidden, notFound } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Statements } from '../../neo4j/statements.js';
import type { ClaimReconciler } from '../statements/claim-reconciler.js';
import { ASSET_FLOWS, type Flow, RUN_CLAIMS } from '../statements/claim.js';
import { reportedTime } from '../../reported-time.js';
import { type FinalState, isFinal, type Run, type RunConditions, runNotFound } from './run.js';
import type { FinishRunInput, StartRunInput } from './run.input.js';
import type { RunRepository, StartKey, VersionSide } from './run.repository.js';

const MAX_VERSIONS = 1_000;

/** Executions of transformations, and through them the exact provenance of versions. */
export class RunService {
  constructor(
    private readonly graph: Graph,
    private readonly runs: RunRepository,
    private readonly versions: VersionRepository,
    private readonly assets: AssetService,
    private readonly claims: ClaimReconciler,
    private readonly now: () => Date,
  ) {}

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Run>> {
    return this.runs.byIds(actor, ids);
  }

  /** Pages of the runs of several transformations, the newest first. */
  of(
    actor: Actor,
    transformationIds: readonly string[],
    wanted: RunConditions,
    page: Page,
  ): Promise<Map<string, PageRows<Run>>> {
    return this.runs.ofTransformations(actor, transformationIds, wanted, page);
  }

  countOf(actor: Actor, transformationIds: readonly string[], wanted: RunConditions): Promise<Map<string, number>> {
    return this.runs.countOfTransformations(actor, transformationIds, wanted);
  }

  /** Pages of the runs that read several versions, the newest first. */
  using(actor: Actor, versionIds: readonly string[], page: Page): Promise<Map<string, PageRows<Run>>> {
    return this.runs.using(actor, versionIds, page);
  }

  countUsing(actor: Actor, versionIds: readonly string[]): Promise<Map<string, number>> {
    return this.runs.countUsing(actor, versionIds);
  }

  /** The run that made each version; none for a version not made here or by a run the actor may not see. */
  generatedBy(actor: Actor, versionIds: readonly string[]): Promise<Map<string, Run>> {
    return this.runs.generatedBy(actor, versionIds);
  }

  inputsOf(actor: Actor, runIds: readonly string[]): Promise<Map<string, VersionSide>> {
    return this.runs.inputsOf(actor, runIds);
  }

  outputsOf(actor: Actor, runIds: readonly string[]): Promise<Map<string, VersionSide>> {
    return this.runs.outputsOf(actor, runIds);
  }

  /**
   * Records that a run began and what it reads. Sent again with the same `idempotencyKey` it answers the run that it began; what says
   * something else under the key is a CONFLICT. Throws NOT_FOUND, FORBIDDEN, CONFLICT or BAD_USER_INPUT.
   */
  async start(actor: Actor, input: StartRunInput): Promise<Run> {
    const startedAt = reportedTime('startedAt', input.startedAt, this.now()) ?? this.now();
    return this.graph.write(actor.origin, async (tx) => {
      const { asset } = await this.assets.lockFor(tx, actor, input.transformation, 'EDIT');
      const key = startKeyOf(asset.id, input);
      const begun = key && (await this.runs.begunBy(tx, key.key));
      if (begun?.digest === key?.digest && begun) return begun.run;
      if (begun)
        throw conflict(
          `The idempotency key "${input.idempotencyKey ?? ''}" began the run ${begun.run.id}, with another input. Give each start a key of its own.`,
        );
      checkTransformation(asset);
      if (input.parent != null && !(await this.runs.lock(tx, actor, input.parent))) throw runNotFound(input.parent);
      const pinned = await this.pinned(tx, actor, input.inputs);
      const run = this.describe(asset, { state: 'RUNNING', startedAt, parentId: input.parent ?? null });
      run.facets = checkObject('facets', input.facets ?? {});
      await this.observeInputs(tx, actor, run, pinned);
      await this.runs.create(tx, run, input.inputs, key);
      await recordAudit(tx, actor, {
        action: 'run:start',
        targetId: run.id,
        targetName: asset.urn,
        assetIds: [asset.id, ...pinned.map((each) => each.asset.id)],
        after: { inputs: pinned.map((each) => each.version.id) },
        at: this.now(),
      });
      return run;
    });
  }

  /**
   * Records how a run ended and what it made. An ended run stays as it ended: the same sent again answers it, and to finish it in
   * another way is a CONFLICT. Throws
   * NOT_FOUND, FORBIDDEN, CONFLICT (also when another run made an output) or BAD_USER_INPUT.
   */
  async finish(actor: Actor, input: FinishRunInput): Promise<Run> {
    const endedAt = reportedTime('endedAt', input.endedAt, this.now()) ?? this.now();
    const given = checkObject('facets', input.facets ?? {});
    return this.graph.write(actor.origin, async (tx) => {
      const locked = await this.runs.lock(tx, actor, input.run);
      if (!locked) throw runNotFound(input.run);
      if (!may(actor, locked.rights, 'EDIT'))
        throw forbidden(`You may not EDIT ${locked.urn}, so you cannot finish its runs.`);
      if (locked.launched)
        throw conflict('This run belongs to a training job: Weftline finishes it. Cancel it with cancelTraining.');
      const endDigest = endDigestOf(input, given);
      if (isFinal(locked.run.state)) {
        if (locked.endDigest === endDigest) return locked.run;
        throw conflict(`The run ended already, in another way: ${locked.run.state}.`);
      }
      if (locked.run.startedAt && endedAt < locked.run.startedAt)
        throw badInput('`endedAt` is before the start of the run.');
      const inputs = await this.pinned(tx, actor, input.inputs);
      const outputs = await this.editableOutputs(tx, actor, input.outputs);
      await this.runs.addInputs(tx, locked.run, input.inputs);
      await this.observeInputs(tx, actor, locked.run, inputs);
      const run = await this.complete(tx, actor, locked.run, outputs, {
        state: input.state,
        endedAt,
        error: input.error ?? null,
        facets: allFacets(locked.run, given),
        endDigest,
      });
      await recordAudit(tx, actor, {
        action: 'run:finish',
        targetId: run.id,
        targetName: locked.urn,
        assetIds: [run.transformationId, ...outputs.map((each) => each.asset.id)],
        before: { state: locked.run.state },
        after: { state: run.state, outputs: input.outputs },
        at: this.now(),
      });
      return run;
    });
  }

  /** Writes the end of a run and the flow to what it made, in a transaction that has decided it may. */
  async complete(
    tx: WriteTransaction,
    actor: Actor,
    run: Run,
    outputs: readonly Pick<PinnedVersion, 'version' | 'asset'>[],
    end: {
      state: FinalState;
      endedAt: Date;
      error: string | null;
      facets: Record<string, unknown>;
      endDigest?: string;
    },
  ): Promise<Run> {
    const ids = outputs.map((each) => each.version.id);
    if ((await this.runs.addOutputs(tx, run.id, ids, end.endedAt)) !== ids.length) {
      throw conflict(
        'An output was made by another run. A version has one origin: publish what this run made as a new version.',
      );
    }
    const flows = distinct(outputs.map((each) => each.asset.id)).map((target) => ({
      source: run.transformationId,
      target,
    }));
    await this.observe(tx, actor, run, flows);
    const { facets, ...rest } = end;
    return this.runs.update(tx, run.id, { ...rest, facets: JSON.stringify(facets) });
  }

  /** A new run of the transformation, as described. */
  describe(transformation: Asset, member: Pick<Run, 'state' | 'startedAt' | 'parentId'>): Run {
    return {
      __typename: 'Run',
      id: newId(),
      transformationId: transformation.id,
      externalId: null,
      createdAt: this.now(),
      endedAt: null,
      error: null,
      facets: {},
      ...member,
    };
  }

  /** The versions by id. Throws NOT_FOUND for one that is not there for the actor, with the same words as for a hidden one. */
  async pinned(tx: Statements, actor: Actor, ids: readonly string[]): Promise<PinnedVersion[]> {
    if (ids.length > MAX_VERSIONS)
      throw badInput(`${ids.length} versions at once; at most ${MAX_VERSIONS} are possible.`);
    const wanted = distinct(ids);
    const found = await this.versions.pinned(tx, actor, wanted);
    return wanted.map((id) => found.get(id) ?? versionNotFound(id));
  }

  private async editableOutputs(tx: WriteTransaction, actor: Actor, ids: readonly string[]): Promise<PinnedVersion[]> {
    const outputs = await this.pinned(tx, actor, ids);
    for (const assetId of distinct(outputs.map((each) => each.asset.id))) {
      await this.assets.lockFor(tx, actor, assetId, 'EDIT');
    }
    return outputs;
  }

  /** States the flow from what a run reads; of a new run before it is written, whose ends are locked from then to the commit. */
  async observeInputs(tx: WriteTransaction, actor: Actor, run: Run, inputs: readonly PinnedVersion[]): Promise<void> {
    const flows = distinct(inputs.map((each) => each.asset.id)).map((source) => ({
      source,
      target: run.transformationId,
    }));
    await this.observe(tx, actor, run, flows);
  }

  /** A later run that reads other data ends nothing: what this one made still lives downstream. */
  private async observe(tx: WriteTransaction, actor: Actor, run: Run, flows: readonly Flow[]): Promise<void> {
    if (flows.length === 0) return;
    const subject = { claimSource: RUN_CLAIMS, subjectId: run.transformationId, runId: run.id, byId: actorId(actor) };
    const times = { validFrom: run.startedAt ?? run.createdAt, validUntil: null };
    await this.claims.state(tx, ASSET_FLOWS, [{ ...subject, ...times, scope: 'FLOWS', flows }]);
  }
}

const MAX_KEY = 200;

/** null: nobody means to send this start again. Throws BAD_USER_INPUT. */
function startKeyOf(transformationId: string, input: StartRunInput): StartKey | null {
  const { idempotencyKey: key, inputs, startedAt, parent, facets } = input;
  if (key == null) return null;
  if (key.trim() === '' || [...key].length > MAX_KEY)
    throw badInput(`\`idempotencyKey\` must have 1 to ${MAX_KEY} characters.`);
  const said = { inputs: distinct(inputs).sort(), startedAt: startedAt?.toISOString() ?? null, parent: parent ?? null };
  return { key: `${transformationId} ${key}`, digest: digestOf({ ...said, facets: facets ?? {} }) };
}

/** Of all that an end says: sent again it has the same. */
function endDigestOf(input: FinishRunInput, facets: Record<string, unknown>): string {
  const { state, inputs, outputs, endedAt, error } = input;
  const named = { inputs: distinct(inputs).sort(), outputs: distinct(outputs).sort() };
  return digestOf({ state, ...named, endedAt: endedAt?.toISOString() ?? null, error: error ?? null, facets });
}

const digestOf = (said: object): string => createHash('sha256').update(canonicalJson(said)).digest('base64url');

function checkTransformation(asset: Asset): void {
  if (asset.kind !== 'TRANSFORMATION') throw badInput(`${asset.urn} is a ${asset.kind}; only a TRANSFORMATION runs.`);
  if (asset.retiredAt) throw conflict(`${asset.urn} is retired; nothing new runs it.`);
}

function versionNotFound(id: string): never {
  throw notFound(`There is no version ${id}, or you may not know of it.`);
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

/** Those the run began with and those of its end, which replace them by name. Throws BAD_USER_INPUT for too much together. */
function allFacets(run: Run, given: Record<string, unknown>): Record<string, unknown> {
  const facets = { ...run.facets, ...given };
  const fault = Object.keys(given).length > 0 ? checkJson(facets) : null;
  if (fault === null) return facets;
  throw badInput(
    `\`facets\` together with those that the run was started with ${fault}. Send fewer, or shorter ones under the same names.`,
  );
}
