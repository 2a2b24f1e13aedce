import { type FacetMaker, facets, type OutgoingFacets, type OutgoingJob } from '../events/outgoing.js';
import type { Exposure, ManifestNode } from './artifacts.js';
import type { Project } from './project.js';
import { documented, ownerNames, ownership } from './table-facets.js';

export type JobKind = 'JOB' | 'MODEL' | 'SNAPSHOT' | 'SEED' | 'TEST' | 'EXPOSURE';

export function dbtJob(
  project: Project,
  name: string,
  kind: JobKind,
  facet: FacetMaker,
  more: OutgoingFacets = {},
): OutgoingJob {
  const jobType = facet('JobTypeJobFacet', { processingType: 'BATCH', integration: 'DBT', jobType: kind });
  return { namespace: project.naming.jobs, name, facets: { jobType, ...more } };
}

const KINDS: Readonly<Record<string, JobKind>> = { model: 'MODEL', snapshot: 'SNAPSHOT', seed: 'SEED' };

/** The job that makes a table, with the code of it as dbt compiled it. */
export function tableJob(
  project: Project,
  node: ManifestNode,
  compiled: string | null,
  facet: FacetMaker,
): OutgoingJob {
  const code = compiled ?? node.compiled_code ?? null;
  const isSql = (node.language ?? 'sql') === 'sql';
  const { adapter_type: dialect } = project.artifacts.manifest.metadata;
  const source = code ?? node.raw_code ?? '';
  return dbtJob(project, project.jobOf(node), KINDS[node.resource_type] ?? 'MODEL', facet, {
    ...facets({
      sql:
        isSql && code !== null && code.trim() !== ''
          ? facet('SQLJobFacet', { query: code, ...(dialect == null ? {} : { dialect }) })
          : null,
      sourceCode:
        isSql || source.trim() === ''
          ? null
          : facet('SourceCodeJobFacet', { language: node.language, sourceCode: source }),
      documentation: documented('DocumentationJobFacet', node.description, facet),
    }),
  });
}

/** What reads models outside of dbt: a dashboard, a notebook, an application. */
export function exposureJob(project: Project, exposure: Exposure, facet: FacetMaker): OutgoingJob {
  const { label, type, maturity, url } = exposure;
  const told = Object.entries({ label, type, maturity, url }).filter(([, value]) => value != null && value !== '');
  const tags = [
    ...told.map(([key, value]) => ({ key, value, source: 'DBT' })),
    ...(exposure.tags ?? []).map((key) => ({ key, value: 'true', source: 'DBT' })),
  ];
  return dbtJob(project, exposure.unique_id, 'EXPOSURE', facet, {
    ...facets({
      documentation: documented('DocumentationJobFacet', exposure.description, facet),
      ownership: ownership('OwnershipJobFacet', ownerNames(exposure.owner), facet),
      tags: tags.length === 0 ? null : facet('TagsJobFacet', { tags }),
    }),
  });
}
