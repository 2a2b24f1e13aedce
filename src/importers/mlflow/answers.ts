import { z } from 'zod';

/** What MLflow answers, of its REST API 2.0: the members that are read. What is absent is empty; numbers may come as text. */

const time = z.coerce.number().nonnegative().max(8.64e15);
const pair = z.object({ key: z.string(), value: z.string().default('') });
const pairs = z.array(pair).default([]);
/** JSON has no NaN and no Infinity: MLflow writes them as text. */
const measured = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);

const metric = z.object({
  key: z.string(),
  value: measured,
  timestamp: time.default(0),
  step: z.coerce.number().default(0),
});
export type Metric = z.infer<typeof metric>;
export type Pair = z.infer<typeof pair>;

const experiment = z.object({
  experiment_id: z.string(),
  name: z.string(),
  artifact_location: z.string().default(''),
  lifecycle_stage: z.string().default('active'),
  creation_time: time.default(0),
  last_update_time: time.default(0),
  tags: pairs,
});
export type Experiment = z.infer<typeof experiment>;

const datasetInput = z.object({
  tags: pairs,
  dataset: z.object({
    name: z.string(),
    digest: z.string().default(''),
    source_type: z.string().default(''),
    source: z.string().default(''),
    schema: z.string().default(''),
    profile: z.string().default(''),
  }),
});
export type DatasetInput = z.infer<typeof datasetInput>;

const modelRef = z.object({ model_id: z.string(), step: z.coerce.number().default(0) });

const run = z.object({
  info: z.object({
    run_id: z.string(),
    run_name: z.string().default(''),
    experiment_id: z.string(),
    user_id: z.string().default(''),
    status: z.string().default('RUNNING'),
    start_time: time.default(0),
    end_time: time.default(0),
    artifact_uri: z.string().default(''),
    lifecycle_stage: z.string().default('active'),
  }),
  data: z.object({ metrics: z.array(metric).default([]), params: pairs, tags: pairs }).prefault({}),
  inputs: z
    .object({ dataset_inputs: z.array(datasetInput).default([]), model_inputs: z.array(modelRef).default([]) })
    .prefault({}),
  outputs: z.object({ model_outputs: z.array(modelRef).default([]) }).prefault({}),
});
export type MlflowRun = z.infer<typeof run>;

const loggedModel = z.object({
  info: z.object({
    model_id: z.string(),
    experiment_id: z.string(),
    name: z.string().default(''),
    creation_timestamp_ms: time.default(0),
    last_updated_timestamp_ms: time.default(0),
    artifact_uri: z.string().default(''),
    status: z.string().default(''),
    model_type: z.string().default(''),
    source_run_id: z.string().default(''),
    tags: pairs,
  }),
  data: z.object({ params: pairs, metrics: z.array(metric).default([]) }).prefault({}),
});
export type LoggedModel = z.infer<typeof loggedModel>;

const registeredModel = z.object({
  name: z.string(),
  creation_timestamp: time.default(0),
  last_updated_timestamp: time.default(0),
  description: z.string().default(''),
  tags: pairs,
  aliases: z.array(z.object({ alias: z.string(), version: z.string() })).default([]),
});
export type RegisteredModel = z.infer<typeof registeredModel>;

const modelVersion = z.object({
  name: z.string(),
  version: z.string(),
  creation_timestamp: time.default(0),
  last_updated_timestamp: time.default(0),
  current_stage: z.string().default('None'),
  description: z.string().default(''),
  source: z.string().default(''),
  run_id: z.string().default(''),
  status: z.string().default(''),
  tags: pairs,
});
export type ModelVersion = z.infer<typeof modelVersion>;

const page = { next_page_token: z.string().default('') };
export const EXPERIMENTS = z.object({ ...page, experiments: z.array(experiment).default([]) });
export const RUNS = z.object({ ...page, runs: z.array(run).default([]) });
export const HISTORY = z.object({ ...page, metrics: z.array(metric).default([]) });
export const LOGGED_MODELS = z.object({ ...page, models: z.array(loggedModel).default([]) });
export const REGISTERED_MODELS = z.object({ ...page, registered_models: z.array(registeredModel).default([]) });
export const MODEL_VERSIONS = z.object({ ...page, model_versions: z.array(modelVersion).default([]) });

/** Why MLflow refused. */
export const REFUSAL = z.object({ error_code: z.string(), message: z.string().default('') });
