/** What facets say for people to read: what a thing is for, whose it is, where its code and its data lie; see event/facets.ts. */
import type { EventDataset, EventJob, RunEvent } from '../event/event.js';
import { facetOf } from '../event/facet.js';

type OfDataset = Pick<EventDataset, 'facets'>;
type OfJob = Pick<EventJob, 'facets'>;
type OfRun = Pick<RunEvent, 'runFacets'>;

export interface Documentation {
  text: string;
  /** A media type, such as text/markdown; null: not said. */
  contentType: string | null;
}

/** What people wrote about it. */
export function documentationOf({ facets }: OfDataset | OfJob): Documentation | null {
  const facet = facetOf<{ description: string; contentType: string }>(facets, 'documentation');
  return facet?.description === undefined ? null : { text: facet.description, contentType: facet.contentType ?? null };
}

export interface EventTag {
  key: string;
  value: string;
  source: string | null;
  /** The column it is of; null: of all. */
  field: string | null;
}

export function tagsOf(of: OfDataset | OfJob | OfRun): EventTag[] {
  const facets = 'runFacets' in of ? of.runFacets : of.facets;
  const sent = facetOf<{ tags: { key: string; value: string; source?: string; field?: string }[] }>(facets, 'tags');
  return (sent?.tags ?? []).map(({ key, value, source = null, field = null }) => ({ key, value, source, field }));
}

export interface DataSource {
  name: string | null;
  /** A bare path, or nothing, with some producers. */
  uri: string | null;
}

export function dataSourceOf({ facets }: OfDataset): DataSource | null {
  const facet = facetOf<DataSource>(facets, 'dataSource');
  return facet && { name: facet.name ?? null, uri: facet.uri ?? null };
}

export interface SaidCode {
  text: string;
  /** A language, or a dialect of SQL; null: not said. */
  language: string | null;
}

export function sqlOf({ facets }: OfJob): SaidCode | null {
  const facet = facetOf<{ query: string; dialect: string }>(facets, 'sql');
  return facet?.query === undefined ? null : { text: facet.query, language: facet.dialect ?? null };
}

export function sourceCodeOf({ facets }: OfJob): SaidCode | null {
  const facet = facetOf<{ sourceCode: string; language: string }>(facets, 'sourceCode');
  return facet?.sourceCode === undefined ? null : { text: facet.sourceCode, language: facet.language ?? null };
}

export interface SourceCodeLocation {
  /** git, mostly. */
  type: string;
  url: string;
  repoUrl: string | null;
  path: string | null;
  version: string | null;
  tag: string | null;
  branch: string | null;
}

export function sourceCodeLocationOf({ facets }: OfJob): SourceCodeLocation | null {
  const facet = facetOf<SourceCodeLocation>(facets, 'sourceCodeLocation');
  if (facet?.type === undefined || facet.url === undefined) return null;
  const { type, url, repoUrl = null, path = null, version = null, tag = null, branch = null } = facet;
  return { type, url, repoUrl, path, version, tag, branch };
}

export interface ProcessingEngine {
  name: string | null;
  version: string;
  adapterVersion: string | null;
}

export function processingEngineOf({ runFacets }: OfRun): ProcessingEngine | null {
  const facet = facetOf<{ name: string; version: string; openlineageAdapterVersion: string }>(
    runFacets,
    'processing_engine',
  );
  if (facet?.version === undefined) return null;
  const { name = null, version, openlineageAdapterVersion: adapterVersion = null } = facet;
  return { name, version, adapterVersion };
}
