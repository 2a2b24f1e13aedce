/** Facets of jobs, as the official schemas have them. */
import { z } from 'zod';
import { jobLineage } from './lineage-facets.schema.js';
import { tags } from './run-facets.schema.js';
import { having, text, whole } from './shapes.js';

export const documentation = having({ description: text, contentType: text.optional() });

export const ownership = having({ owners: z.array(having({ name: text, type: text.optional() })).optional() });

const emissionPattern = having({
  eventTrigger: text,
  eventContentMode: text,
  windowDuration: whole.min(1, 'must be at least 1').optional(),
});
const jobType = having({
  processingType: text,
  integration: text,
  jobType: text.optional(),
  emissionPattern: emissionPattern.optional(),
});

const sql = having({ query: text, dialect: text.optional() });

const sourceCode = having({ language: text, sourceCode: text });

const sourceCodeLocation = having({
  type: text,
  url: text,
  repoUrl: text.optional(),
  path: text.optional(),
  version: text.optional(),
  tag: text.optional(),
  branch: text.optional(),
  pullRequestNumber: text.optional(),
});

export const JOB_FACETS = new Map<string, z.ZodObject>([
  ['documentation', documentation],
  ['ownership', ownership],
  ['jobType', jobType],
  ['sql', sql],
  ['sourceCode', sourceCode],
  ['sourceCodeLocation', sourceCodeLocation],
  ['tags', tags],
  ['lineage', jobLineage],
]);
