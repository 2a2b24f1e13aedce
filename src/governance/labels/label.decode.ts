import type { Row } from '../../neo4j/row.js';
import type { ColumnFacts, StatedFlow } from './columns.js';
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

/** What a statement read of columns. Where something was cut at `most`, nothing is known of any: all labels go to the whole. */
export function decodeColumns(row: Row, most: number): ColumnFacts {
  const [stated, columns, places] = [row.rows('stated'), row.rows('columns'), row.rows('places')];
  const isCut = [stated, columns, places].some(({ length }) => length >= most);
  return {
    tables: new Map(row.pairs('tables')),
    runs: new Map(
      row.rows('runs').map((each) => [each.text('id'), { code: each.text('code'), begin: each.time('begin') }]),
    ),
    codes: new Map(row.rows('codes').map((each) => [each.text('id'), each.rows('was').map(decodeCode)])),
    stated: isCut ? [] : stated.map(decodeStated),
    columns: isCut ? [] : columns.map(decodeColumn),
    places: places.map((each) => ({ part: each.text('part'), whole: each.text('whole'), isLive: each.flag('live') })),
  };
}

const decodeCode = (row: Row) => ({ from: row.time('from'), code: row.text('code') });

const decodeColumn = (row: Row): ColumnFacts['columns'][number] => ({
  ...{ id: row.text('id'), of: row.text('of'), name: row.text('name'), removedAt: row.maybeTime('removedAt') },
});

function decodeStated(row: Row): StatedFlow {
  return {
    ...{ source: row.text('source'), of: row.text('of'), target: row.text('target'), to: row.text('to') },
    ...{ via: row.text('via'), runId: row.maybeText('runId'), since: row.time('since') },
    ...{ until: row.maybeTime('until'), isLive: row.flag('live'), isKept: row.flag('kept') },
  };
}
