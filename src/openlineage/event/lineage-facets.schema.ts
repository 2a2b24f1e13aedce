/** Facets that say what comes from what: by columns (columnLineage), and by either (lineage, of 2026). */
import { z } from 'zod';
import { chosen, flag, having, name, namespace, recordOf, text } from './shapes.js';

const transformation = having({
  type: text,
  subtype: text.optional(),
  description: text.optional(),
  masking: flag.optional(),
});
const transformations = z.array(transformation).optional();

const inputField = having({ namespace, name, field: name, transformations });
const columnInputs = having({
  inputFields: z.array(inputField),
  // The form before 1-2-0: what is done to all of the input fields.
  transformationDescription: text.optional(),
  transformationType: text.optional(),
});

export const columnLineage = having({ fields: recordOf(columnInputs), dataset: z.array(inputField).optional() });

const input = told({ field: text.optional(), transformations }, { transformations });
const inputs = z.array(input).optional();
const fields = recordOf(having({ inputs: z.array(input) })).optional();
const entry = told({ inputs, fields }, { inputs });

export const datasetLineage = having({ inputs, fields });
export const jobLineage = having({ entries: z.array(entry) });

/** A data set or a job, each with what is told of it. A job is named whole or not at all: then it is that of the event. */
function told(ofDataset: z.ZodRawShape, ofJob: z.ZodRawShape): z.ZodType {
  const dataset = having({ namespace, name, ...ofDataset });
  const thisJob = having({ runId: text.optional(), ...ofJob });
  const job = thisJob.extend({ namespace, name });
  return chosen<unknown>((value) => {
    if (value['type'] === 'DATASET') return dataset;
    if (value['type'] !== 'JOB') return undefined;
    return 'namespace' in value || 'name' in value ? job : thisJob;
  }, 'must have a type of DATASET, JOB');
}
