import type { AssetField } from '../model/asset.js';
import { wholesOf } from '../model/field-path.js';

/** Where a field lies among others. */
export interface FieldKin {
  /** The struct, array or map that it lies in; null: in none. */
  parent: AssetField | null;
  /** What lies in it, in order, without what lies in these. */
  children: AssetField[];
}

/** By id, where each of the fields of a data set lies. In turns. */
export async function kinOf(fields: readonly AssetField[]): Promise<Map<string, FieldKin>> {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const wholes = await wholesOf([...byName.keys()]);
  const kin = new Map(fields.map((field): [string, FieldKin] => [field.id, { parent: null, children: [] }]));
  for (const field of fields) {
    const parent = byName.get(wholes.get(field.name)?.[0] ?? '');
    const own = kin.get(field.id);
    if (!parent || !own) continue;
    own.parent = parent;
    kin.get(parent.id)?.children.push(field);
  }
  return kin;
}
