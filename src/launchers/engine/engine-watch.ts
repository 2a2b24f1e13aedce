/** Watches the attempts on one engine, and passes wishes to stop them on to it. */
import { Abandonment, type Patience, type RunUse } from '../run-folder/abandonment.js';
import type { Engine, EngineView, TaskRef } from './engine.js';
import { isConclusive, judgeAttempt } from './engine-outcome.js';
import { isSooner, needsEngine } from './engine-cancellation.js';
import { writeJson } from '../files/json-file.js';
import type { JobObservation } from '../port/launcher.js';
import { begun, isOver } from '../run-folder/run-observation.js';
import type { RunFolder } from '../run-folder/run-folder.js';

export class EngineWatch {
  private readonly abandonment: Abandonment;

  constructor(
    private readonly engine: Engine,
    patience: Patience,
  ) {
    this.abandonment = new Abandonment(patience);
  }

  /** How the attempt stands. Throws when the engine, or the folder, does not tell. */
  async observe(run: RunFolder, task: TaskRef): Promise<JobObservation> {
    const observation = await this.judge(run, task);
    if (isOver(observation)) this.abandonment.forget(run);
    return observation;
  }

  /** Leaves the wish to stop where the runner finds it, and tells the engine if that can do more. */
  async cancel(
    run: RunFolder,
    task: TaskRef,
    { graceSeconds }: { graceSeconds: number },
  ): Promise<'REQUESTED' | 'ALREADY_DONE'> {
    if (isOver(await this.observe(run, task))) return 'ALREADY_DONE';
    const wish = { requestedAt: new Date(), graceSeconds };
    if (isSooner(wish, await run.readCancel())) await writeJson(run.cancel, wish);
    await this.passOnWish(run, task, await this.engine.look(task));
    return 'REQUESTED';
  }

  private async judge(run: RunFolder, task: TaskRef): Promise<JobObservation> {
    const record = await run.readVerdict();
    if (record !== null && isConclusive(record)) return record;
    const view = await this.engine.look(task);
    const cancelled = await this.passOnWish(run, task, view);
    const { startedAt, inputs } = begun(await run.readProgram());
    const use = await this.useOf(run, view);
    // Read again, and last: it may have been written meanwhile, and who has written it shows no more sign of life.
    const judged = judgeAttempt({ record: await run.readVerdict(), view, cancelled, startedAt, use });
    return inputs === undefined || judged.inputs ? judged : { ...judged, inputs };
  }

  /** Whether there is a wish. */
  private async passOnWish(run: RunFolder, task: TaskRef, view: EngineView | null): Promise<boolean> {
    const wish = await run.readCancel();
    if (wish === null) return false;
    const claimed = (await run.readClaim()) !== null;
    if (view !== null && needsEngine(wish, { view, claimed })) await this.engine.stop(task, wish);
    return true;
  }

  private async useOf(run: RunFolder, view: EngineView | null): Promise<RunUse> {
    if (view === null || view.state === 'ENDED') return await this.abandonment.useOf(run);
    this.abandonment.forget(run);
    return 'IN_USE';
  }
}
