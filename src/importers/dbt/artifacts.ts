import { z } from 'zod';

// What is read of the artefacts of dbt Core, and no more: the schemas of dbt have hundreds of keys, and change with each version.

const text = z.string().nullish();
const words = z.array(z.string()).nullish();
const object = z.record(z.string(), z.unknown()).nullish();
const dependencies = z.object({ nodes: words }).nullish();

const metadata = z.object({
  dbt_schema_version: z.string(),
  dbt_version: text,
  generated_at: z.iso.datetime({ offset: true, local: true }),
  invocation_id: text,
  invocation_started_at: text,
  adapter_type: text,
  project_name: text,
});

const column = z.object({ name: z.string(), description: text, data_type: text, tags: words });

const config = z.object({ materialized: text, severity: text, warn_if: text, error_if: text, meta: object }).nullish();

const node = z.object({
  unique_id: z.string(),
  resource_type: z.string(),
  package_name: text,
  name: z.string(),
  alias: text,
  identifier: text,
  database: text,
  schema: text,
  description: text,
  columns: z.record(z.string(), column).nullish(),
  tags: words,
  meta: object,
  group: text,
  config,
  language: text,
  compiled_code: text,
  raw_code: text,
  depends_on: dependencies,
  test_metadata: z.object({ name: z.string(), kwargs: object }).nullish(),
  column_name: text,
  attached_node: text,
  file_key_name: text,
});

const owner = z.object({ name: text, email: z.union([z.string(), z.array(z.string())]).nullish() });

const exposure = z.object({
  unique_id: z.string(),
  name: z.string(),
  label: text,
  type: text,
  maturity: text,
  url: text,
  description: text,
  tags: words,
  owner: owner.nullish(),
  depends_on: dependencies,
});

export const MANIFEST = z.object({
  metadata,
  nodes: z.record(z.string(), node),
  sources: z.record(z.string(), node),
  exposures: z.record(z.string(), exposure).nullish(),
  groups: z.record(z.string(), z.object({ name: z.string(), owner: owner.nullish() })).nullish(),
});

const stat = z.object({ value: z.unknown() });
const catalogTable = z.object({
  metadata: z.object({ type: text, comment: text, owner: text }),
  columns: z.record(z.string(), z.object({ name: z.string(), type: text, index: z.number().nullish(), comment: text })),
  stats: z.record(z.string(), stat).nullish(),
});

export const CATALOG = z.object({
  metadata,
  nodes: z.record(z.string(), catalogTable),
  sources: z.record(z.string(), catalogTable),
});

const timing = z.array(z.object({ name: z.string(), started_at: text, completed_at: text })).nullish();

const result = z.object({
  unique_id: z.string(),
  status: z.string(),
  timing,
  message: text,
  failures: z.number().nullish(),
  compiled_code: text,
  adapter_response: object,
});

export const RUN_RESULTS = z.object({
  metadata,
  results: z.array(result),
  args: z.object({ which: text, target: text, profiles_dir: text, profile: text }).nullish(),
});

const limit = z.object({ count: z.number().nullish(), period: text }).nullish();

export const SOURCES = z.object({
  metadata,
  results: z.array(
    z.object({
      unique_id: z.string(),
      status: z.string(),
      max_loaded_at: text,
      snapshotted_at: text,
      criteria: z.object({ warn_after: limit, error_after: limit }).nullish(),
      timing,
      error: text,
    }),
  ),
});

type Manifest = z.infer<typeof MANIFEST>;
export type ManifestNode = z.infer<typeof node>;
export type Exposure = z.infer<typeof exposure>;
export type Owner = z.infer<typeof owner>;
type Catalog = z.infer<typeof CATALOG>;
export type CatalogTable = z.infer<typeof catalogTable>;
export type RunResults = z.infer<typeof RUN_RESULTS>;
export type RunResult = z.infer<typeof result>;
export type SourceResults = z.infer<typeof SOURCES>;
export type Timing = z.infer<typeof timing>;

/** What dbt left in its target folder; what it did not write is null. */
export interface Artifacts {
  manifest: Manifest;
  catalog: Catalog | null;
  runResults: RunResults | null;
  sources: SourceResults | null;
}
