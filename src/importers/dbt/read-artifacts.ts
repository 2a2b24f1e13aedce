import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { errnoName } from '../../disk/disk-fault.js';
import { SetupError } from '../../neo4j/setup-error.js';
import { type Artifacts, CATALOG, MANIFEST, RUN_RESULTS, SOURCES } from './artifacts.js';

/** An artefact: its file, the word of it in its schema's address, and the versions that are known. */
interface Kind<T extends z.ZodType> {
  file: string;
  word: string;
  versions: readonly number[];
  shape: T;
}

const KINDS = {
  manifest: { file: 'manifest.json', word: 'manifest', versions: [7, 8, 9, 10, 11, 12], shape: MANIFEST },
  catalog: { file: 'catalog.json', word: 'catalog', versions: [1], shape: CATALOG },
  runResults: { file: 'run_results.json', word: 'run-results', versions: [4, 5, 6], shape: RUN_RESULTS },
  sources: { file: 'sources.json', word: 'sources', versions: [3], shape: SOURCES },
} as const;

/** Node cannot hold a longer text, and no project has a manifest near it. */
const MOST_BYTES = 500_000_000;

/** Reads what dbt wrote into a target folder. The manifest must be there; a file of an unknown version is refused by name. */
export function readArtifacts(folder: string): Artifacts {
  const manifest = read(folder, KINDS.manifest);
  if (manifest === null)
    throw new SetupError(
      `${join(folder, 'manifest.json')}: there is no such file. Give the target folder of a dbt project, after dbt build or dbt docs generate.`,
    );
  return {
    manifest,
    catalog: read(folder, KINDS.catalog),
    runResults: read(folder, KINDS.runResults),
    sources: read(folder, KINDS.sources),
  };
}

function read<T extends z.ZodType>(folder: string, kind: Kind<T>): z.infer<T> | null {
  const path = join(folder, kind.file);
  const text = textOf(path);
  if (text === null) return null;
  const json = jsonOf(path, text);
  refuseUnknownVersion(path, json, kind);
  const read = kind.shape.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new SetupError(
    `${path}: at ${issue?.path.join('.') ?? ''} it is not as dbt writes it: ${issue?.message ?? ''}.`,
  );
}

function textOf(path: string): string | null {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new SetupError(`${path}: ${size} bytes are too many; at most ${MOST_BYTES} are read.`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoName(error) === 'ENOENT') return null;
    throw error;
  }
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SetupError(`${path}: this is no whole JSON (${why}). Let dbt write it anew.`, { cause });
  }
}

function refuseUnknownVersion(path: string, json: unknown, { word, versions }: Kind<z.ZodType>): void {
  const said = (json as { metadata?: { dbt_schema_version?: unknown } } | null)?.metadata?.dbt_schema_version;
  const known = versions.map((version) => `v${version}`).join(', ');
  if (typeof said !== 'string')
    throw new SetupError(
      `${path}: it does not say its schema version (metadata.dbt_schema_version); known are ${known}.`,
    );
  const [, name, version] = /\/dbt\/([a-z-]+)\/v(\d{1,4})\.json$/.exec(said) ?? [];
  if (name !== word || !versions.includes(Number(version)))
    throw new SetupError(`${path}: its schema version is ${said.slice(0, 200)}; known of ${word} are ${known}.`);
}
