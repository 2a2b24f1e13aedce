import { SetupError } from '../../neo4j/setup-error.js';
import {
  type Experiment,
  EXPERIMENTS,
  HISTORY,
  LOGGED_MODELS,
  type LoggedModel,
  type Metric,
  MODEL_VERSIONS,
  type ModelVersion,
  REGISTERED_MODELS,
  type RegisteredModel,
  type MlflowRun,
  RUNS,
} from './answers.js';
import type { TrackingApi } from './tracking-api.js';

/** Of runs, models and versions at a time; the server allows no more of some of them. */
const A_PAGE = 1_000;
const POINTS_A_PAGE = 25_000;
/** Of one metric; what comes behind is counted out, and said. */
const MOST_POINTS_READ = 1_000_000;

/** The history of one metric. */
export interface History {
  points: Metric[];
  /** It went on beyond what is read. */
  cut: boolean;
}

/** What a tracking server knows, deleted things too. */
export class TrackingServer {
  constructor(private readonly api: TrackingApi) {}

  /** Those of the names, or all, in the order of their ids. Throws SetupError for a name that none has. */
  async experiments(names: readonly string[]): Promise<Experiment[]> {
    const all: Experiment[] = [];
    const search = { max_results: A_PAGE, view_type: 'ALL' };
    for await (const { experiments } of this.api.pages('POST', 'experiments/search', search, EXPERIMENTS))
      all.push(...experiments);
    all.sort((a, b) => compare(a.experiment_id, b.experiment_id));
    if (names.length === 0) return all;
    const missing = names.filter((name) => !all.some((each) => each.name === name));
    if (missing.length > 0) {
      const there = all.slice(0, 20).map(({ name }) => JSON.stringify(name));
      throw new SetupError(
        `There is no experiment ${missing.map((name) => JSON.stringify(name)).join(', ')}. There ${there.length === 1 ? 'is' : 'are'}: ${there.join(', ')}${all.length > there.length ? ', …' : ''}.`,
      );
    }
    return all.filter(({ name }) => names.includes(name));
  }

  /** Of an experiment, the earliest first. */
  async *runs(experiment: Experiment): AsyncGenerator<MlflowRun> {
    const search = {
      experiment_ids: [experiment.experiment_id],
      max_results: A_PAGE,
      run_view_type: 'ALL',
      order_by: ['attributes.start_time ASC'],
    };
    for await (const { runs } of this.api.pages('POST', 'runs/search', search, RUNS)) yield* runs;
  }

  async history(runId: string, metric: string): Promise<History> {
    const points: Metric[] = [];
    const search = { run_id: runId, metric_key: metric, max_results: POINTS_A_PAGE };
    for await (const { metrics } of this.api.pages('GET', 'metrics/get-history', search, HISTORY)) {
      points.push(...metrics);
      if (points.length > MOST_POINTS_READ) return { points: points.slice(0, MOST_POINTS_READ), cut: true };
    }
    return { points, cut: false };
  }

  /** Of an experiment. A server that is older than they are has none. */
  async loggedModels(experiment: Experiment): Promise<LoggedModel[]> {
    const all: LoggedModel[] = [];
    const search = { experiment_ids: [experiment.experiment_id], max_results: A_PAGE };
    for await (const { models } of this.api.pages('POST', 'logged-models/search', search, LOGGED_MODELS))
      all.push(...models);
    return all.sort((a, b) => compare(a.info.model_id, b.info.model_id));
  }

  async registeredModels(): Promise<RegisteredModel[]> {
    const all: RegisteredModel[] = [];
    const search = { max_results: A_PAGE };
    const pages = this.api.pages('GET', 'registered-models/search', search, REGISTERED_MODELS);
    for await (const { registered_models: models } of pages) all.push(...models);
    return all.sort((a, b) => compare(a.name, b.name));
  }

  async modelVersions(): Promise<ModelVersion[]> {
    const all: ModelVersion[] = [];
    const search = { max_results: A_PAGE };
    const pages = this.api.pages('GET', 'model-versions/search', search, MODEL_VERSIONS);
    for await (const { model_versions: versions } of pages) all.push(...versions);
    return all.sort((a, b) => compare(a.name, b.name) || Number(a.version) - Number(b.version));
  }
}

const compare = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : 1);
