import type { AssetField } from '../model/asset.js';

export const FIELD_CHANGE_KINDS = ['ADDED', 'REMOVED', 'RENAMED', 'CHANGED'] as const;
export type FieldChangeKind = (typeof FIELD_CHANGE_KINDS)[number];

/** What can differ of a field that is there before and after. Its place among the others is none of it: one new field moves all behind. */
const COMPARED = ['name', 'type', 'description'] as const;
export type ComparedMember = (typeof COMPARED)[number];

/** What became of one field between two states of a data set. */
export interface FieldChange {
  /** That of the field. */
  id: string;
  kind: FieldChangeKind;
  /** null: it was not there. */
  before: AssetField | null;
  /** null: it is not there. */
  after: AssetField | null;
  /** What differs of a field that is there before and after. */
  changed: ComparedMember[];
}

/** What differs between two states of the fields of a data set, in order of when the fields were made. */
export function changesBetween(before: readonly AssetField[], after: readonly AssetField[]): FieldChange[] {
  const were = new Map(before.map((field) => [field.id, field]));
  const are = new Map(after.map((field) => [field.id, field]));
  const ids = [...new Set([...were.keys(), ...are.keys()])].sort();
  return ids.flatMap((id) => changeOf(id, were.get(id) ?? null, are.get(id) ?? null) ?? []);
}

/** null: nothing. */
function changeOf(id: string, before: AssetField | null, after: AssetField | null): FieldChange | null {
  if (!before || !after) return { id, kind: after ? 'ADDED' : 'REMOVED', before, after, changed: [] };
  const changed = COMPARED.filter((member) => before[member] !== after[member]);
  if (changed.length === 0) return null;
  return { id, kind: changed.includes('name') ? 'RENAMED' : 'CHANGED', before, after, changed };
}
