import type { Row } from '../../neo4j/row.js';
import { type Dimensions, valueOf } from './dimensions.js';
import type { Declaration, Dimension, LabelValue } from './label.js';

/** A value as it was stored; null: it is none of the dimension any more, for that was configured otherwise since. */
export function storedValue(dimension: Dimension, texts: readonly string[]): LabelValue | null {
  try {
    return valueOf(dimension, texts);
  } catch {
    return null;
  }
}

/** null: its dimension, or its value there, is not known at this site any more. */
export function decodeDeclaration(row: Row, assetId: string, dimensions: Dimensions): Declaration | null {
  const dimension = dimensions.find(row.text('dimension'));
  const value = dimension ? storedValue(dimension, row.texts('values')) : null;
  if (dimension === undefined || value === null) return null;
  return {
    ...{ id: row.text('id'), dimension: dimension.name, value, assetId },
    ...{ versionId: row.maybeText('versionId'), field: row.maybeText('field') },
    ...{ validFrom: row.time('validFrom'), validUntil: row.maybeTime('validUntil') },
    ...{ recordedAt: row.time('recordedAt'), retractedAt: row.maybeTime('retractedAt') },
    ...{ declaredById: row.text('declaredById'), reason: row.maybeText('reason') },
  };
}
