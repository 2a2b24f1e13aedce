/** What the events of a transaction say together of each data set, and which fields follow. */
import type { NewField } from '../../catalog/assets/dataset-fields.repository.js';
import {
  type DatasetRecord,
  digestOf,
  fieldsBeside,
  fieldsOf,
  NOTHING_REPORTED,
  type SaidSchema,
  tellsMore,
  withReport,
} from './dataset-record.js';
import type { Reading } from '../reading/reading.js';

export interface SaidOfFields {
  schemas: SaidSchema[];
  columns: Set<string>;
}

/** By urn; `oneName`: of several names of one data set the one. */
export function saidOfDatasets(
  taken: readonly { reading: Reading }[],
  oneName: (urn: string) => string,
): Map<string, SaidOfFields> {
  const all = new Map<string, SaidOfFields>();
  for (const { reading } of taken) {
    for (const [name, { schemas, columns }] of reading.datasets) {
      const urn = oneName(name);
      const said = all.get(urn) ?? { schemas: [], columns: new Set() };
      said.schemas.push(...schemas.map((fields) => ({ stamp: reading.stamp, fields })));
      for (const name of columns) said.columns.add(name);
      all.set(urn, said);
    }
  }
  return all;
}

/**
 * What is known of the data set now, whether its fields may change by that, the fields it is to have, and the digest by which they are
 * known as reported. `present` null: its fields are not looked at. `written`: the digest of what reports wrote last; where the fields
 * are others, somebody wrote them by hand, and they stay.
 */
export function fieldsAfter(
  said: SaidOfFields | undefined,
  known: DatasetRecord | null,
  present: readonly NewField[] | null,
  written: string | null = null,
): { record: DatasetRecord; changes: boolean; fields: NewField[]; digest: string | null } {
  const { schemas, columns } = said ?? { schemas: [], columns: new Set<string>() };
  const before = known ?? NOTHING_REPORTED;
  const record = withReport(before, schemas, columns);
  const changes = tellsMore(before, record);
  const isSame =
    record.stamp === before.stamp &&
    record.digest === before.digest &&
    record.ever === before.ever &&
    record.columns === before.columns;
  if (present === null) return { record: isSame ? before : record, changes, fields: [], digest: null };
  const wanted = fieldsOf(record, schemas, present);
  const byHand = present.length > 0 && digestOf(present) !== written;
  const fields = byHand ? fieldsBeside(present, wanted) : wanted;
  return { record, changes, fields, digest: byHand ? null : digestOf(fields) };
}
