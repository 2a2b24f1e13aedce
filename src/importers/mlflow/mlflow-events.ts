import { createHash } from 'node:crypto';
import type { Outgoing, OutgoingDataset, OutgoingJob } from '../events/outgoing.js';
import type { Experiment, LoggedModel, MlflowRun, ModelVersion } from './answers.js';
import { type Measured, measuredBy } from './measured.js';
import { type KnownRuns, measuredVersionEvents, modelVersionEvent, registeredModelEvent } from './model-events.js';
import {
  experimentEvent,
  experimentJob,
  loggedModelEvent,
  loggedModelName,
  modelDataset,
  runEvents,
} from './run-events.js';
import type { Histories } from './run-facets.js';
import type { History, TrackingServer } from './tracking-server.js';

/** What has been read so far. */
export interface Progress {
  experiments: number;
  runs: number;
  models: number;
  versions: number;
}

/** Reads a tracking server as events, and remembers what it has read, so that read again it asks only for what has changed. */
export class MlflowReader {
  readonly progress: Progress = { experiments: 0, runs: 0, models: 0, versions: 0 };
  /** Of each run met, the experiment that it is of. */
  private readonly experimentOf = new Map<string, Experiment>();
  /** Of each run a digest of what was read of it last; its metrics have changed only where this has. */
  private readonly seen = new Map<string, string>();
  private readonly loggedModels = new Map<string, OutgoingDataset>();
  /** Of the runs that made models, and of logged models. */
  private readonly measured = new Map<string, Measured>();

  constructor(
    private readonly server: TrackingServer,
    private readonly options: { namespace: string; experiments: readonly string[]; tell: (progress: Progress) => void },
  ) {}

  /** The events of all that is there, or of what has changed since they were read before. */
  async *read(): AsyncGenerator<Outgoing> {
    Object.assign(this.progress, { experiments: 0, runs: 0, models: 0, versions: 0 });
    const versions = await this.server.modelVersions();
    const makers = new Set(versions.map(({ run_id: runId }) => runId));
    for (const experiment of await this.server.experiments(this.options.experiments)) {
      this.progress.experiments += 1;
      yield experimentEvent(this.options.namespace, experiment);
      const models = await this.modelsOf(experiment);
      for (const { info } of models.values()) makers.add(info.source_run_id);
      for await (const run of this.server.runs(experiment)) {
        if (makers.has(run.info.run_id)) this.measured.set(run.info.run_id, measuredBy(run));
        yield* this.runOf(experiment, run, models);
      }
      for (const model of models.values()) {
        const maker = this.measured.get(model.info.source_run_id) ?? null;
        yield loggedModelEvent(this.options.namespace, experiment, { model, maker });
      }
    }
    yield* this.registered(versions);
  }

  /** What was read did not arrive: all of it is read again. */
  forget(): void {
    this.seen.clear();
  }

  private async modelsOf(experiment: Experiment): Promise<Map<string, LoggedModel>> {
    const models = await this.server.loggedModels(experiment);
    const { namespace } = this.options;
    for (const model of models) {
      const name = loggedModelName(namespace, experiment, model);
      this.loggedModels.set(model.info.model_id, modelDataset(name, model.info.model_id));
      this.measured.set(model.info.model_id, measuredBy(model));
    }
    return new Map(models.map((model) => [model.info.model_id, model]));
  }

  private async *runOf(
    experiment: Experiment,
    run: MlflowRun,
    models: ReadonlyMap<string, LoggedModel>,
  ): AsyncGenerator<Outgoing> {
    const { run_id: id } = run.info;
    this.experimentOf.set(id, experiment);
    const told = run.outputs.model_outputs.map(({ model_id: each }) => models.has(each));
    const state = createHash('sha256')
      .update(JSON.stringify([experiment, run, told]))
      .digest('base64url');
    if (this.seen.get(id) !== state) {
      const histories = await this.historiesOf(run);
      const experimentOf = (runId: string): string | null => this.experimentOf.get(runId)?.name ?? null;
      const place = { server: this.options.namespace, experiment, experimentOf };
      yield* runEvents(place, run, { histories, models });
      this.seen.set(id, state);
    }
    this.progress.runs += 1;
    this.options.tell(this.progress);
  }

  private async historiesOf({ info, data }: MlflowRun): Promise<Histories> {
    const histories = new Map<string, History>();
    for (const { key } of data.metrics) histories.set(key, await this.server.history(info.run_id, key));
    return histories;
  }

  /** Those that the chosen experiments made, where some were chosen; else all. */
  private async *registered(all: readonly ModelVersion[]): AsyncGenerator<Outgoing> {
    const { namespace, experiments } = this.options;
    const models = await this.server.registeredModels();
    const versions = new Map<string, ModelVersion[]>(models.map(({ name }) => [name, []]));
    for (const version of all) versions.get(version.name)?.push(version);
    const ours = (runId: string): boolean => experiments.length === 0 || this.experimentOf.has(runId);
    for (const model of models) {
      const own = (versions.get(model.name) ?? []).filter(({ run_id: runId }) => ours(runId));
      if (experiments.length > 0 && own.length === 0) continue;
      this.progress.models += 1;
      yield registeredModelEvent(namespace, model, own);
      for (const version of own) {
        this.progress.versions += 1;
        yield modelVersionEvent(this.known(), version);
        yield* measuredVersionEvents(this.known(), version);
      }
      this.options.tell(this.progress);
    }
  }

  private known(): KnownRuns {
    const { namespace: server } = this.options;
    return {
      server,
      jobOf: (runId): OutgoingJob | null => {
        const experiment = this.experimentOf.get(runId);
        return experiment === undefined ? null : experimentJob(server, experiment);
      },
      loggedModel: (modelId) => this.loggedModels.get(modelId) ?? null,
      measuredOf: (id) => this.measured.get(id) ?? null,
    };
  }
}
