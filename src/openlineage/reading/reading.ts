/** What one event says, in the words of the catalog: names of assets, fields, flows. Nothing of the graph is known yet. */
import { checkFields } from '../../catalog/assets/asset.changes.js';
import type { NewField } from '../../catalog/assets/dataset-fields.repository.js';
import { badInput, limitExceeded } from '../../errors.js';
import { MAX_FIELD_FLOWS } from '../../lineage/fields/field-claim.js';
import { spelt } from '../../spelling.js';
import type { EventDataset, EventOutput, Facets, LineageEvent, RunEvent } from '../event/event.js';
import { lifecycleOf, schemaOf, type SchemaField, versionOf } from '../event/facets.js';
import { parentOf } from '../event/run-facets.js';
import type { ColumnFlow } from './column-flows.js';
import { datasetNamed, namesWithin } from './dataset-names.js';
import { type Named, namedBy, runKeyOf } from './names.js';
import { checkServes } from './serving.js';
import { lineageSaidBy } from './said-lineage.js';
import { type Stamp, stampOf } from './stamp.js';
import { factsOfOutput, factsTold, type VersionFacts } from './version-facts.js';

interface SaidOfDataset {
  named: Named;
  schemas: NewField[][];
  /** Those that lineage between columns names. */
  columns: Set<string>;
  facets: Facets;
}

/** A version of a data set that a run is said to have read or made. */
interface SaidOfVersion {
  urn: string;
  /** null: it has none of its own. */
  version: string | null;
  facts: VersionFacts;
}

/** That a model serves on a deployment: a run of a job that serves. */
interface SaidOfRelease {
  key: string;
  /** It is over. */
  isEnd: boolean;
}

interface SaidOfRun {
  key: string;
  event: RunEvent;
}

export interface Reading {
  event: LineageEvent;
  /** When it happened; now, where the clock of the producer is ahead. */
  at: Date;
  stamp: Stamp;
  /** Of an event of a data set: what stands for whatever makes it, where that is said to read something. */
  job: Named | null;
  run: SaidOfRun | null;
  release: SaidOfRelease | null;
  /** By urn: those that flow into the job, also those that only lineage between columns names. */
  inputs: Set<string>;
  outputs: Set<string>;
  datasets: Map<string, SaidOfDataset>;
  columns: readonly ColumnFlow[];
  read: readonly SaidOfVersion[];
  made: readonly SaidOfVersion[];
}

const MAX_VERSION = 200;
/** How far the clock of a producer may be ahead of ours: what is said last is kept, and would be kept until then. */
const AHEAD_MS = 24 * 3_600_000;

/** Throws BAD_USER_INPUT or LIMIT_EXCEEDED for what cannot be in the catalog. */
export function readingOf(event: LineageEvent, now: Date): Reading {
  if (event.eventTime.getTime() > now.getTime() + AHEAD_MS)
    throw badInput(
      `\`eventTime\` is ${event.eventTime.toISOString()}, more than a day ahead. Set the clock of the machine that sends it, and send it again.`,
    );
  const nameOf = namesWithin(event);
  const [inputs, outputs] = event.kind === 'DATASET' ? [[], []] : [event.inputs, event.outputs];
  const datasets = new Map<string, SaidOfDataset>();
  for (const each of event.kind === 'DATASET' ? [event.dataset] : [...inputs, ...outputs]) addDataset(datasets, each);
  const said = lineageSaidBy(event, nameOf);
  const { job, columns } = said;
  checkServes(job, [...inputs.map(datasetNamed), ...said.inputs]);
  if (columns.length > MAX_FIELD_FLOWS)
    throw limitExceeded(
      `The column lineage of this event is ${columns.length} flows; at most ${MAX_FIELD_FLOWS} are possible. Send the outputs in events of their own.`,
    );
  for (const named of [...said.inputs, ...said.outputs])
    if (!datasets.has(named.urn)) datasets.set(named.urn, nothingOf(named));
  for (const flow of columns) {
    datasets.get(flow.source)?.columns.add(flow.sourceField);
    datasets.get(flow.target)?.columns.add(flow.targetField);
  }
  for (const { schemas, columns: named } of datasets.values()) {
    for (const fields of schemas) checkFields(fields);
    checkFields([...named].map((name) => ({ name, type: null, description: null })));
  }
  return {
    event,
    at: event.eventTime > now ? now : event.eventTime,
    stamp: stampOf(event),
    job,
    run: event.kind === 'RUN' && job?.kind === 'TRANSFORMATION' ? runOf(event, job) : null,
    release: event.kind === 'RUN' && job?.kind === 'DEPLOYMENT' ? releaseOf(event, job) : null,
    inputs: new Set([...inputs.map(datasetNamed), ...said.inputs].map(({ urn }) => urn)),
    outputs: new Set([...outputs.map(datasetNamed), ...said.outputs].map(({ urn }) => urn)),
    datasets,
    columns,
    read: event.kind === 'RUN' ? inputs.map((each) => versionSaid(each)) : [],
    made: event.kind === 'RUN' ? madeBy(event) : event.kind === 'DATASET' ? versionTold(event.dataset) : [],
  };
}

function releaseOf(event: RunEvent, job: Named): SaidOfRelease {
  const isEnd = event.eventType === 'COMPLETE' || event.eventType === 'FAIL' || event.eventType === 'ABORT';
  return { key: runKeyOf(job, event.runId), isEnd };
}

/** A version that is told of by itself, with what is said of it. */
function versionTold(dataset: EventDataset): SaidOfVersion[] {
  const said = versionSaid(dataset);
  return said.version === null ? [] : [{ ...said, facts: factsTold(dataset, isModel(dataset)) }];
}

const isModel = (dataset: EventDataset): { isModel: boolean } => ({ isModel: datasetNamed(dataset).kind === 'MODEL' });

function addDataset(datasets: Map<string, SaidOfDataset>, dataset: EventDataset): void {
  const named = datasetNamed(dataset);
  const said = datasets.get(named.urn) ?? nothingOf(named);
  const schema = named.kind === 'DATASET' ? schemaOf(dataset) : null;
  if (schema) said.schemas.push(fieldsIn(schema));
  said.facets = { ...said.facets, ...dataset.facets };
  datasets.set(named.urn, said);
}

const nothingOf = (named: Named): SaidOfDataset => ({ named, schemas: [], columns: new Set(), facets: {} });

/** Parts of a struct by their path, each name once: the first of two counts. */
function fieldsIn(schema: readonly SchemaField[]): NewField[] {
  const fields = new Map<string, NewField>();
  const add = (each: SchemaField, prefix: string): void => {
    const name = spelt(prefix + (prefix === '' ? each.name : asPart(each.name)));
    if (!fields.has(name)) fields.set(name, { name, type: each.type, description: each.description });
    for (const part of each.fields) add(part, `${name}.`);
  };
  for (const each of schema) add(each, '');
  return [...fields.values()];
}

/** As a part of a path: a dot that is part of the name stands between backticks (model/field-path.ts). */
const asPart = (name: string): string => (/[.`]/.test(name) ? `\`${name.replaceAll('`', '``')}\`` : name);

/** Throws BAD_USER_INPUT for a parent that cannot be one. */
function runOf(event: RunEvent, job: Named): SaidOfRun {
  const parent = parentOf(event);
  if (parent) namedBy('TRANSFORMATION', parent.job);
  return { key: runKeyOf(job, event.runId), event };
}

/** What a run that failed or goes on has written is no version yet, unless its producer says which it is. */
function madeBy(event: RunEvent): SaidOfVersion[] {
  return event.outputs.flatMap((output: EventOutput): SaidOfVersion[] => {
    // What was dropped has no new version.
    if (lifecycleOf(output)?.change === 'DROP') return [];
    const said = versionSaid(output);
    const facts = factsOfOutput(output, isModel(output));
    if (said.version !== null) return [{ ...said, facts }];
    return event.eventType === 'COMPLETE' ? [{ ...said, facts, version: event.runId }] : [];
  });
}

function versionSaid(dataset: EventDataset): SaidOfVersion {
  const version = versionOf(dataset)?.trim() ?? '';
  const named = version === '' || [...version].length > MAX_VERSION ? null : version;
  return { urn: datasetNamed(dataset).urn, version: named, facts: {} };
}
