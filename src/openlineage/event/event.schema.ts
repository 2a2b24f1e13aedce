/** The three kinds of event of OpenLineage 2-0-2. */
import { z } from 'zod';
import { DATASET_FACETS } from './dataset-facets.schema.js';
import { EVENT_TYPES } from './event.js';
import { sayFault } from './faults.js';
import { facet, facetsOf, lastingFacet } from './facet.schema.js';
import { JOB_FACETS } from './job-facets.schema.js';
import { INPUT_FACETS, OUTPUT_FACETS } from './quality-facets.schema.js';
import { RUN_FACETS } from './run-facets.schema.js';
import { having, named, runId, text } from './shapes.js';

const base = having({ eventTime: text, producer: text, schemaURL: text });

const run = having({ runId, facets: facetsOf(facet, RUN_FACETS).optional() });
const job = named.extend({ facets: facetsOf(lastingFacet, JOB_FACETS).optional() });
const dataset = named.extend({ facets: facetsOf(lastingFacet, DATASET_FACETS).optional() });
const input = dataset.extend({ inputFacets: facetsOf(facet, INPUT_FACETS).optional() });
const output = dataset.extend({ outputFacets: facetsOf(facet, OUTPUT_FACETS).optional() });

const jobEvent = base.extend({ job, inputs: z.array(input).optional(), outputs: z.array(output).optional() });
const runEvent = jobEvent.extend({ eventType: z.enum(EVENT_TYPES).optional(), run });
const datasetEvent = base.extend({ dataset });

/** What an event may be, by what it has: the spec lets a kind have whatever does not make it another one. */
const SHAPES = { RUN: runEvent, JOB: jobEvent, DATASET: datasetEvent } as const;
export type EventKind = keyof typeof SHAPES;
type Issues = z.core.$ZodIssue[];

const SIDES = { inputs: input, outputs: output } as const;
const DATASETS_OF_A_STEP = 20;

/** What keeps an event from being one of that kind; [] when it is. In steps: there may be thousands of data sets in it. */
export function* issuesIn(
  kind: EventKind,
  event: Readonly<Record<string, unknown>>,
): Generator<undefined, Issues, undefined> {
  if (kind === 'DATASET') return issuesOf(SHAPES.DATASET, event);
  const lists = Object.entries(SIDES).flatMap(([side, shape]) => {
    const datasets: unknown = event[side];
    return Array.isArray(datasets) ? [{ side, shape, datasets: datasets as unknown[] }] : [];
  });
  const issues = issuesOf(SHAPES[kind], { ...event, ...Object.fromEntries(lists.map(({ side }) => [side, []])) });
  for (const { side, shape, datasets } of lists) {
    for (const [index, dataset] of datasets.entries()) {
      if (index % DATASETS_OF_A_STEP === 0) yield;
      for (const issue of issuesOf(shape, dataset)) issues.push({ ...issue, path: [side, index, ...issue.path] });
    }
  }
  return issues;
}

const issuesOf = (shape: z.ZodType, value: unknown): Issues =>
  shape.safeParse(value, { error: sayFault }).error?.issues ?? [];
