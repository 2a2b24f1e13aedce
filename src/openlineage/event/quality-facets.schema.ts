/** Facets of data sets as one run read or wrote them: what was measured of them, and which part they were. */
import { z } from 'zod';
import { anyObject, byType, flag, having, measure, recordOf, text, whole } from './shapes.js';

const columnMetrics = having({
  nullCount: whole.optional(),
  distinctCount: whole.optional(),
  sum: measure.optional(),
  count: measure.optional(),
  min: measure.optional(),
  max: measure.optional(),
  quantiles: recordOf(measure).optional(),
});
export const datasetMetrics = having({
  rowCount: whole.optional(),
  bytes: whole.optional(),
  fileCount: whole.optional(),
  lastUpdated: text.optional(),
  columnMetrics: recordOf(columnMetrics),
});

export const assertions = having({
  assertions: z.array(
    having({
      assertion: text,
      success: flag,
      column: text.optional(),
      severity: text.optional(),
      name: text.optional(),
      description: text.optional(),
      expected: text.optional(),
      actual: text.optional(),
      content: text.optional(),
      contentType: text.optional(),
      params: anyObject.optional(),
    }),
  ),
});

const statistics = having({
  rowCount: whole.optional(),
  size: whole.optional(),
  fileCount: whole.optional(),
});

const compared = byType<unknown>({
  field: having({ field: text }),
  literal: having({ value: text }),
});
/** Which part of a data set: conditions lie in each other. */
const condition: z.ZodType = byType<unknown>({
  location: having({ locations: z.array(text) }),
  partition: having({
    partitions: z.array(having({ identifier: text.optional(), dimensions: anyObject })),
  }),
  compare: having({ left: compared, right: compared, comparison: text }),
  binary: having({
    operator: text,
    get left(): z.ZodType {
      return condition;
    },
    get right(): z.ZodType {
      return condition;
    },
  }),
});

export const INPUT_FACETS = new Map<string, z.ZodObject>([
  ['dataQualityMetrics', datasetMetrics],
  ['dataQualityAssertions', assertions],
  ['inputStatistics', statistics],
  ['subset', having({ inputCondition: condition })],
]);

export const OUTPUT_FACETS = new Map<string, z.ZodObject>([
  ['outputStatistics', statistics],
  ['subset', having({ outputCondition: condition })],
]);
