import {
  type FacetMaker,
  facets,
  type OutgoingFacet,
  type OutgoingFacets,
  type OutgoingField,
} from '../events/outgoing.js';
import type { CatalogTable, ManifestNode, Owner } from './artifacts.js';
import type { Project } from './project.js';

/** What dbt says of a table: its columns, what it is for, whose it is, its tags. */
export function tableFacets(project: Project, node: ManifestNode, facet: FacetMaker): OutgoingFacets {
  const catalog = project.catalogOf(node);
  const { datasets } = project.naming;
  return facets({
    dataSource: facet('DatasourceDatasetFacet', { name: datasets, uri: datasets }),
    datasetType: typeFacet(node, catalog, facet),
    schema: schemaFacet(node, catalog, facet),
    documentation: documented('DocumentationDatasetFacet', node.description, facet),
    ownership: ownership('OwnershipDatasetFacet', ownersOf(project, node), facet),
    symlinks: symlinkFacet(project, node, facet),
    tags: tagsFacet(node, facet),
  });
}

export function documented(
  schema: 'DocumentationDatasetFacet' | 'DocumentationJobFacet',
  description: string | null | undefined,
  facet: FacetMaker,
): OutgoingFacet | null {
  return description == null || description.trim() === '' ? null : facet(schema, { description });
}

export function ownership(
  schema: 'OwnershipDatasetFacet' | 'OwnershipJobFacet',
  owners: readonly string[],
  facet: FacetMaker,
): OutgoingFacet | null {
  return owners.length === 0 ? null : facet(schema, { owners: owners.map((name) => ({ name })) });
}

/** meta.owner, where dbt-ol looks too, and the owner of the group a node is in. */
function ownersOf(project: Project, node: ManifestNode): string[] {
  const named = node.meta?.['owner'] ?? node.config?.meta?.['owner'];
  const owners = (Array.isArray(named) ? named : [named]).filter((each) => typeof each === 'string');
  const group = Object.values(project.artifacts.manifest.groups ?? {}).find(({ name }) => name === node.group);
  return [...new Set([...owners, ...ownerNames(group?.owner)])];
}

/** The address of an owner says more than a name; one of them is enough. */
export function ownerNames(owner: Owner | null | undefined): string[] {
  const email = owner?.email ?? owner?.name ?? [];
  return typeof email === 'string' ? [email] : email;
}

/** The columns that the database has, where the catalog tells them; else those that somebody wrote of. */
function schemaFacet(node: ManifestNode, catalog: CatalogTable | null, facet: FacetMaker): OutgoingFacet | null {
  const written = Object.values(node.columns ?? {});
  const described = new Map(written.map(({ name, description }) => [name.toLowerCase(), description]));
  const columns = catalog === null ? written.map(({ name, data_type: type }) => ({ name, type })) : inOrder(catalog);
  const fields = columns.map(({ name, type, ...rest }): OutgoingField => {
    const description = described.get(name.toLowerCase()) ?? ('comment' in rest ? rest.comment : null);
    return {
      name,
      ...(type == null ? {} : { type }),
      ...(description == null || description === '' ? {} : { description }),
    };
  });
  return fields.length === 0 ? null : facet('SchemaDatasetFacet', { fields });
}

const inOrder = ({ columns }: CatalogTable): { name: string; type?: string | null; comment?: string | null }[] =>
  Object.values(columns).sort((one, other) => (one.index ?? 0) - (other.index ?? 0)) as never;

function typeFacet(node: ManifestNode, catalog: CatalogTable | null, facet: FacetMaker): OutgoingFacet | null {
  const kind = (catalog?.metadata.type ?? node.config?.materialized ?? '').toLowerCase();
  if (node.resource_type === 'source' && kind === '') return null;
  return facet('DatasetTypeDatasetFacet', { datasetType: kind.includes('view') ? 'VIEW' : 'TABLE' });
}

/** Where the table of a source is not called as the source is, others report it by the name of the table. */
function symlinkFacet(project: Project, node: ManifestNode, facet: FacetMaker): OutgoingFacet | null {
  if (node.resource_type !== 'source' || node.identifier == null || node.identifier === node.name) return null;
  const name = project.pathOf(node, node.identifier);
  return facet('SymlinksDatasetFacet', { identifiers: [{ namespace: project.naming.datasets, name, type: 'TABLE' }] });
}

function tagsFacet(node: ManifestNode, facet: FacetMaker): OutgoingFacet | null {
  const meta = Object.entries(node.meta ?? {}).filter(([key]) => key !== 'owner');
  const tags = [
    ...(node.tags ?? []).map((key) => ({ key, value: 'true', source: 'DBT' })),
    ...meta.map(([key, value]) => ({ key, value: textOf(value), source: 'DBT_META' })),
    ...Object.values(node.columns ?? {}).flatMap(({ name, tags: own }) =>
      [...new Set(own ?? [])].map((key) => ({ key, value: 'true', source: 'DBT', field: name })),
    ),
  ];
  return tags.length === 0 ? null : facet('TagsDatasetFacet', { tags });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
