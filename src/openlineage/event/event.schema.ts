/** The three kinds of event of OpenLineage 2-0-2. */
import { z } from 'zod';
import { DATASET_FACETS } from './dataset-facets.schema.js';
import { EVENT_TYPES } from './event.js';
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
export const SHAPES = { RUN: runEvent, JOB: jobEvent, DATASET: datasetEvent } as const;
export type EventKind = keyof typeof SHAPES;
