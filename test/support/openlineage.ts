/** Events that real producers sent, and the official schemas of OpenLineage: they lie beside the repository, not in it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const EVENTS = join(import.meta.dirname, '../../../shared/openlineage-events');
const SPEC = join(import.meta.dirname, '../../../shared/openlineage-spec');

export type SentEvent = Record<string, unknown>;

/** The events of all producers that were recorded, as they came. */
export function recordedEvents(): SentEvent[] {
  const files = readdirSync(EVENTS).filter((file) => file.endsWith('.jsonl'));
  return files.flatMap((file) => eventsOf(file.slice(0, -'.jsonl'.length)));
}

/** Those of one producer: `python`, `python_old`, `dbt`, `airflow`. */
export function eventsOf(producer: string): SentEvent[] {
  const lines = readFileSync(join(EVENTS, `${producer}.jsonl`), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as SentEvent);
}

interface Schema {
  $id: string;
  properties: Record<string, unknown>;
  $defs: Record<string, { properties: { [facets: string]: { anyOf: [Record<string, unknown>] } } } & Schema>;
}

/** Where facets stand, and which files of schemas tell of those there. */
const PLACES: readonly (readonly [holder: string, key: string, file: RegExp])[] = [
  ['Run', 'facets', /RunFacet$/],
  ['Job', 'facets', /JobFacet$/],
  // That of assertions is told of inputs, and dbt says it of data sets as well.
  ['Dataset', 'facets', /^DataQualityAssertionsDatasetFacet$|(?<!Input|Output|Assertions|Subset)DatasetFacet$/],
  ['InputDataset', 'inputFacets', /InputDatasetFacet$|^DataQualityAssertionsDatasetFacet$/],
  ['OutputDataset', 'outputFacets', /OutputDatasetFacet$/],
];

/** Facets of two places in one file, by their definitions. */
const SHARED: Readonly<Record<string, readonly [facet: string, file: string, definition: string]>> = {
  Job: ['lineage', 'LineageFacet', 'LineageJobFacet'],
  Dataset: ['lineage', 'LineageFacet', 'LineageDatasetFacet'],
  InputDataset: ['subset', 'BaseSubsetDatasetFacet', 'InputSubsetInputDatasetFacet'],
  OutputDataset: ['subset', 'BaseSubsetDatasetFacet', 'OutputSubsetOutputDatasetFacet'],
};

/**
 * What the official schemas say of an event: the core, and of each facet the schema of its name, at the places that it is for.
 * Formats do not count. Of a facet that is taken back only the core is asked, as it need not say again what no longer holds.
 */
export function officialSchema(): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const read = (file: string): Schema => JSON.parse(readFileSync(join(SPEC, file), 'utf8')) as Schema;
  const facets = new Map(
    readdirSync(join(SPEC, 'facets'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => [file.slice(0, -'.json'.length), read(`facets/${file}`)]),
  );
  for (const schema of facets.values()) ajv.addSchema(schema);
  const core = read('OpenLineage.json');
  for (const [holder, key, wanted] of PLACES) {
    const known = [...facets].filter(([file]) => wanted.test(file)).flatMap(([, schema]) => facetsIn(schema));
    const shared = SHARED[holder];
    const own = shared ? [[shared[0], `${facets.get(shared[1])?.$id ?? ''}#/$defs/${shared[2]}`] as const] : [];
    const place = placeIn(core, holder, key);
    place['properties'] = Object.fromEntries(
      [...known, ...own].map(([name, $ref]) => [name, unlessTakenBack($ref, place['additionalProperties'])]),
    );
  }
  return ajv.compile(core);
}

const facetsIn = ({ $id, properties }: Schema): (readonly [string, string])[] =>
  Object.keys(properties).map((name) => [name, `${$id}#/properties/${name}`]);

function placeIn(core: Schema, holder: string, key: string): Record<string, unknown> {
  const { allOf, properties } = core.$defs[holder] as unknown as {
    allOf?: [unknown, Schema];
    properties?: Schema['properties'];
  };
  const found = (properties ?? allOf?.[1].properties ?? {})[key] as { anyOf: [Record<string, unknown>] };
  return found.anyOf[0];
}

const unlessTakenBack = ($ref: string, otherwise: unknown): object => ({
  if: { type: 'object', properties: { _deleted: { const: true } }, required: ['_deleted'] },
  then: otherwise,
  // What the core asks of each facet there is asked of those that have a schema of their own, too.
  else: { allOf: [otherwise, { $ref }] },
});
