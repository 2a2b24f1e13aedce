import type { Actor } from '../../auth/actor.js';
import type { AssetService } from '../assets/asset.service.js';
import type { Asset, AssetField } from '../model/asset.js';
import { type FieldKin, kinOf } from './field-kin.js';
import type { FieldRepository } from './field.repository.js';

/** A field as it is shown, and its data set as it was then, where it was read as of a time. */
export type FieldSeen = AssetField & { datasetThen?: Asset | null };

/** How fields lie in each other. */
export class FieldKinService {
  private readonly known = new WeakMap<readonly AssetField[], Promise<Map<string, FieldKin>>>();

  constructor(
    private readonly rows: FieldRepository,
    private readonly assets: AssetService,
  ) {}

  /** Among the fields that it was read with; null: it was read alone. */
  async among(field: FieldSeen): Promise<FieldKin | null> {
    const fields = field.among ?? field.datasetThen?.fieldsThen;
    if (!fields) return null;
    const kin = this.known.get(fields) ?? kinOf(fields);
    this.known.set(fields, kin);
    return (await kin).get(field.id) ?? null;
  }

  /** Of fields that were read alone, as the actor may know them. */
  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, FieldKin>> {
    const found = await this.rows.withKin(actor, ids);
    const datasets = actor.readsAsOf
      ? await this.assets.byIds(actor, [...new Set([...found.values()].map(({ dataset }) => dataset))])
      : null;
    const kin = new Map<string, FieldKin>();
    for (const [id, { dataset, fields }] of found) {
      const own = (await kinOf(datasets ? (datasets.get(dataset)?.fieldsThen ?? []) : inOrder(fields))).get(id);
      if (own) kin.set(id, own);
    }
    return kin;
  }
}

const inOrder = (fields: readonly AssetField[]): AssetField[] => [...fields].sort((a, b) => a.ordinal - b.ordinal);
