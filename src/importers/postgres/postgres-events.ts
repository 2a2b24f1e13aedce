import {
  EventMaker,
  facets,
  facetsOf,
  named,
  type Outgoing,
  type OutgoingDataset,
  type OutgoingFacet,
  type OutgoingField,
} from '../events/outgoing.js';
import type { Catalog, Column, Constraint, Dependency, Relation } from './catalog.js';

const PRODUCER = 'urn:weftline:import:postgres';
const events = new EventMaker(PRODUCER);
const facet = facetsOf(PRODUCER);

/** Types that hold themselves end somewhere. */
const DEEPEST = 20;

/** What a catalog tells: each table as a data set, and each view as a job that makes it out of what it reads. */
export function postgresEvents(catalog: Catalog, namespace: string, at: string | null): Outgoing[] {
  const said = new CatalogWords(catalog, namespace);
  return catalog.relations
    .filter(({ kind }) => kind !== 'c')
    .map((relation) => {
      const eventTime = at ?? (relation.changedAt ?? relation.analyzedAt ?? catalog.createdAt).toISOString();
      const dataset = said.dataset(relation);
      if (relation.definition === null) return events.dataset(eventTime, dataset);
      const job = {
        namespace,
        name: dataset.name,
        facets: {
          jobType: facet('JobTypeJobFacet', { processingType: 'BATCH', integration: 'POSTGRES', jobType: 'VIEW' }),
          sql: facet('SQLJobFacet', { query: relation.definition, dialect: 'postgres' }),
        },
      };
      return events.job({ eventTime, job, inputs: said.readBy(relation), outputs: [dataset] });
    });
}

/** The rows of a catalog, found by what they are of. */
class CatalogWords {
  private readonly relations: ReadonlyMap<number, Relation>;
  private readonly columns: ReadonlyMap<number, readonly Column[]>;
  private readonly constraints: ReadonlyMap<number, readonly Constraint[]>;
  private readonly dependencies: ReadonlyMap<number, readonly Dependency[]>;

  constructor(
    private readonly catalog: Catalog,
    private readonly namespace: string,
  ) {
    this.relations = new Map(catalog.relations.map((relation) => [relation.oid, relation]));
    this.columns = grouped(catalog.columns, ({ relation }) => relation);
    this.constraints = grouped(catalog.constraints, ({ relation }) => relation);
    this.dependencies = grouped(catalog.dependencies, ({ view }) => view);
  }

  dataset(relation: Relation): OutgoingDataset {
    const { kind, comment, owner } = relation;
    const isView = kind === 'v' || kind === 'm';
    const subType = kind === 'm' ? 'MATERIALIZED' : kind === 'f' ? 'EXTERNAL' : null;
    return {
      namespace: this.namespace,
      name: this.nameOf(relation.schema, relation.name),
      facets: facets({
        dataSource: facet('DatasourceDatasetFacet', { name: this.namespace, uri: this.namespace }),
        datasetType: facet('DatasetTypeDatasetFacet', {
          datasetType: isView ? 'VIEW' : 'TABLE',
          ...(subType === null ? {} : { subType }),
        }),
        schema: this.schemaOf(relation),
        documentation: comment === null ? null : facet('DocumentationDatasetFacet', { description: comment }),
        ownership: facet('OwnershipDatasetFacet', { owners: [{ name: owner }] }),
        tags: this.tagsOf(relation),
        columnLineage: isView ? this.influenceOn(relation) : null,
      }),
    };
  }

  readBy({ oid }: Relation): OutgoingDataset[] {
    const read = new Set((this.dependencies.get(oid) ?? []).map(({ on }) => on));
    return [...read].flatMap((on) => {
      const relation = this.relations.get(on);
      return relation === undefined
        ? []
        : [named({ namespace: this.namespace, name: this.nameOf(relation.schema, relation.name) })];
    });
  }

  private nameOf(schema: string, table: string): string {
    return [this.catalog.database, schema, table].join('.');
  }

  private schemaOf({ oid }: Relation): OutgoingFacet | null {
    const fields = this.fieldsOf(oid, 0);
    return fields.length === 0 ? null : facet('SchemaDatasetFacet', { fields });
  }

  private fieldsOf(relation: number, depth: number): OutgoingField[] {
    if (depth > DEEPEST) return [];
    return (this.columns.get(relation) ?? []).map(({ name, type, comment, inner }) => {
      const fields = inner === 0 ? [] : this.fieldsOf(inner, depth + 1);
      return {
        name,
        type,
        ...(comment === null ? {} : { description: comment }),
        ...(fields.length === 0 ? {} : { fields }),
      };
    });
  }

  /** Keys, and how many rows the planner believes there are: OpenLineage has no facet for them. */
  private tagsOf({ oid, estimate }: Relation): OutgoingFacet | null {
    const keys = (this.constraints.get(oid) ?? []).flatMap(({ kind, columns, toSchema, toTable, toColumns }) =>
      columns.map((field, at) => {
        const target = [toSchema, toTable, toColumns?.[at]].join('.');
        return {
          key: KEYS[kind],
          value: kind === 'f' ? `${this.catalog.database}.${target}` : 'true',
          source: 'POSTGRES',
          field,
        };
      }),
    );
    const rows = estimate < 0 ? [] : [{ key: 'row_estimate', value: String(Math.round(estimate)), source: 'POSTGRES' }];
    return keys.length + rows.length === 0 ? null : facet('TagsDatasetFacet', { tags: [...keys, ...rows] });
  }

  /** Which columns a view could not be without. The catalog does not say which of its own they become: so they are of the whole. */
  private influenceOn({ oid }: Relation): OutgoingFacet | null {
    const read = (this.dependencies.get(oid) ?? []).flatMap(({ on, column }) => {
      const relation = this.relations.get(on);
      if (column === null || relation === undefined) return [];
      const name = this.nameOf(relation.schema, relation.name);
      return [{ namespace: this.namespace, name, field: column, transformations: [{ type: 'INDIRECT' }] }];
    });
    return read.length === 0 ? null : facet('ColumnLineageDatasetFacet', { fields: {}, dataset: read });
  }
}

const KEYS = { p: 'primary_key', f: 'foreign_key', u: 'unique_key' } as const;

function grouped<T>(rows: readonly T[], keyOf: (row: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
