/** Facets of data sets, as the official schemas have them. */
import { z } from 'zod';
import { documentation, ownership } from './job-facets.schema.js';
import { columnLineage, datasetLineage } from './lineage-facets.schema.js';
import { assertions, datasetMetrics } from './quality-facets.schema.js';
import { having, name, named, recordOf, text, whole } from './shapes.js';

const field = having({
  name,
  type: text.optional(),
  description: text.optional(),
  ordinal_position: whole.optional(),
  get fields(): z.ZodOptional<z.ZodArray<z.ZodType>> {
    return z.array(field).optional();
  },
});
const schema = having({ fields: z.array(field).optional() });

const version = having({ datasetVersion: text });

const dataSource = having({ name: text.optional(), uri: text.optional() });

const symlinks = having({ identifiers: z.array(named.extend({ type: text })).optional() });

const lifecycleStateChange = having({
  lifecycleStateChange: z.enum(['ALTER', 'CREATE', 'DROP', 'OVERWRITE', 'RENAME', 'TRUNCATE']),
  previousIdentifier: named.optional(),
});

const tag = having({ key: text, value: text, source: text.optional(), field: text.optional() });
const datasetTags = having({ tags: z.array(tag).optional() });

const datasetType = having({ datasetType: text, subType: text.optional() });

const storage = having({ storageLayer: text, fileFormat: text.optional() });

const catalog = having({
  framework: text,
  type: text,
  name: text,
  metadataUri: text.optional(),
  warehouseUri: text.optional(),
  source: text.optional(),
  catalogProperties: recordOf(text).optional(),
});

const hierarchy = having({ hierarchy: z.array(having({ type: text, name: text })) });

export const DATASET_FACETS = new Map<string, z.ZodObject>([
  ['schema', schema],
  ['version', version],
  ['dataSource', dataSource],
  ['symlinks', symlinks],
  ['lifecycleStateChange', lifecycleStateChange],
  ['columnLineage', columnLineage],
  ['lineage', datasetLineage],
  ['documentation', documentation],
  ['ownership', ownership],
  ['tags', datasetTags],
  ['datasetType', datasetType],
  ['storage', storage],
  ['catalog', catalog],
  ['hierarchy', hierarchy],
  ['dataQualityMetrics', datasetMetrics],
  // Of inputs, says the official schema; dbt says it of data sets too.
  ['dataQualityAssertions', assertions],
]);
