import type { Asset } from '../../catalog/model/asset.js';

/** An asset without an owner. */
export interface UnownedAsset {
  /** That of the asset: the list is in its order. */
  id: string;
  asset: Asset;
  since: Date;
  /** The account that reported or registered it; null: it is not known. */
  broughtInById: string | null;
}
