/** Facets of runs, as the official schemas have them. */
import { z } from 'zod';
import { facet, lastingFacet } from './facet.schema.js';
import { anyObject, having, named, recordOf, runId, text, whole } from './shapes.js';

const run = having({ runId, facets: recordOf(facet).optional() });
const job = named.extend({ facets: recordOf(lastingFacet).optional() });

const parent = having({ run, job, root: having({ run, job }).optional() });

const nominalTime = having({ nominalStartTime: text, nominalEndTime: text.optional() });

const errorMessage = having({ message: text, programmingLanguage: text, stackTrace: text.optional() });

const processingEngine = having({
  version: text,
  name: text.optional(),
  openlineageAdapterVersion: text.optional(),
});

const tag = having({ key: text, value: text, source: text.optional() });
export const tags = having({ tags: z.array(tag).optional() });

const environmentVariables = having({ environmentVariables: z.array(having({ name: text, value: text })) });

const parameter = z.strictObject({
  key: text,
  name: text.optional(),
  description: text.optional(),
  value: text.optional(),
});
const executionParameters = having({ parameters: z.array(parameter).optional() });

const externalQuery = having({ externalQueryId: text, source: text });

const extractionError = having({
  totalTasks: whole,
  failedTasks: whole,
  errors: z.array(
    having({ errorMessage: text, stackTrace: text.optional(), task: text.optional(), taskNumber: whole.optional() }),
  ),
});

const dependency = having({
  job: having({ namespace: text, name: text }),
  run: having({ runId: text }).optional(),
  dependency_type: text.optional(),
  sequence_trigger_rule: text.optional(),
  status_trigger_rule: text.optional(),
});
const jobDependencies = having({
  upstream: z.array(dependency).optional(),
  downstream: z.array(dependency).optional(),
  trigger_rule: text.optional(),
});

const test = having({
  tests: z.array(
    having({
      name: text,
      status: text,
      severity: text.optional(),
      type: text.optional(),
      description: text.optional(),
      expected: text.optional(),
      actual: text.optional(),
      content: text.optional(),
      contentType: text.optional(),
      params: anyObject.optional(),
    }),
  ),
});

export const RUN_FACETS = new Map<string, z.ZodObject>([
  ['parent', parent],
  ['nominalTime', nominalTime],
  ['errorMessage', errorMessage],
  ['processing_engine', processingEngine],
  ['tags', tags],
  ['environmentVariables', environmentVariables],
  ['executionParameters', executionParameters],
  ['externalQuery', externalQuery],
  ['extractionError', extractionError],
  ['jobDependencies', jobDependencies],
  ['test', test],
]);
