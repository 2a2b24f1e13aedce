/** How much one event may tell. Found before it is read closely: a list of a million is not checked item by item. */

/** On either side: as many as `registerAssets` takes at once. */
const DATASETS = 1_000;
/** As of a data set (graphql/limits/text-limits.ts), those that lie in others among them. */
const FIELDS = 10_000;
/** Of one run, job or data set. Producers send some twenty. */
const FACETS = 1_000;
/** Of all data sets together: what is written goes into one transaction, and the database has no room for much more in one. */
const ALL_FIELDS = 20_000;
/** What columns are said to come from, in all. */
const INPUT_FIELDS = 20_000;
const FURTHER = 'Send the others in further events of the same run or job, which add to this one.';

/** What the event has too much of, as a sentence; null: nothing. */
export function faultOfSize(event: Readonly<Record<string, unknown>>): string | null {
  for (const side of ['inputs', 'outputs']) {
    const fault = tooMany(side, itemsOf(event[side]).length, DATASETS, 'data sets');
    if (fault !== null) return `${fault} ${FURTHER}`;
  }
  for (const thing of ['run', 'job']) {
    const fault = tooMany(`${thing}.facets`, membersIn(keyOf(event[thing], 'facets')), FACETS, 'facets');
    if (fault !== null) return fault;
  }
  const all = { fields: 0, inputFields: 0 };
  for (const [at, dataset] of datasetsOf(event)) {
    for (const kind of ['facets', 'inputFacets', 'outputFacets']) {
      const fault = tooMany(`${at}.${kind}`, membersIn(keyOf(dataset, kind)), FACETS, 'facets');
      if (fault !== null) return fault;
    }
    const facets = keyOf(dataset, 'facets');
    const columns = keyOf(keyOf(facets, 'columnLineage'), 'fields');
    const [told, made] = [fieldsIn(keyOf(facets, 'schema')), valuesOf(columns).length];
    const fault =
      tooMany(`${at}.facets.schema.fields`, told, FIELDS, 'fields') ??
      tooMany(`${at}.facets.columnLineage.fields`, made, FIELDS, 'fields');
    if (fault !== null) return fault;
    all.fields += Math.max(told, made);
    all.inputFields += inputFieldsIn(columns);
  }
  const fault =
    tooMany('The event', all.fields, ALL_FIELDS, 'fields in its data sets') ??
    tooMany('The event', all.inputFields, INPUT_FIELDS, 'input fields in its column lineage');
  return fault === null ? null : `${fault} ${FURTHER}`;
}

function tooMany(place: string, count: number, most: number, what: string): string | null {
  if (count <= most) return null;
  return `${place} has ${count.toLocaleString('en-US')} ${what}; at most ${most.toLocaleString('en-US')} are possible.`;
}

function datasetsOf(event: Readonly<Record<string, unknown>>): [string, unknown][] {
  const sides = ['inputs', 'outputs'].flatMap((side) =>
    itemsOf(event[side]).map((dataset, index): [string, unknown] => [`${side}[${index}]`, dataset]),
  );
  return [...sides, ['dataset', event['dataset']]];
}

/** The fields of a schema, and the fields in these. */
function fieldsIn(schema: unknown): number {
  let count = 0;
  for (let level = itemsOf(keyOf(schema, 'fields')); level.length > 0;) {
    count += level.length;
    level = level.flatMap((field) => itemsOf(keyOf(field, 'fields')));
  }
  return count;
}

const inputFieldsIn = (columns: unknown): number =>
  valuesOf(columns).reduce<number>((sum, column) => sum + itemsOf(keyOf(column, 'inputFields')).length, 0);

const membersIn = (value: unknown): number =>
  typeof value === 'object' && value !== null ? Object.keys(value).length : 0;

const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const valuesOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : [];

const keyOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
