import type { Attributes } from './attributes.js';
import type { AssetKind } from './urn.js';

export const VISIBILITIES = ['DISCOVERABLE', 'RESTRICTED'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** An asset as the rest of Weftline handles it: decoded once from its node. */
export interface Asset extends Attributes {
  __typename: 'Dataset' | 'Transformation' | 'Model' | 'Deployment';
  id: string;
  urn: string;
  kind: AssetKind;
  namespace: string;
  name: string;
  description: string | null;
  tags: string[];
  properties: Record<string, unknown>;
  /** Who may see it now: its own visibility, or that of its namespace. */
  visibility: Visibility;
  /** It has none of its own and follows its namespace. */
  visibilityInherited: boolean;
  createdAt: Date;
  updatedAt: Date;
  retiredAt: Date | null;
  revision: number;
  /** Others were joined into it, or it was (access/aliases): owners, visibility, name and retirement stand still. */
  isJoined: boolean;
  /** Urns by which producers know it besides. */
  symlinks: readonly string[];
  /** Fields as they were, when the asset was read as of a time; null: read the present ones. */
  fieldsThen: AssetField[] | null;
  /** Owners as they were, when the asset was read as of a time; null: read the present ones. */
  ownersThen: OwnerThen[] | null;
}

/** What names an asset, all of which its urn tells: enough to draw it, and much quicker to read than the whole. */
export type AssetName = Pick<Asset, '__typename' | 'id' | 'urn' | 'kind' | 'namespace' | 'name'>;

/** That a principal owned an asset at the time it was read as of. */
interface OwnerThen {
  ownerId: string;
  role: 'OWNER' | 'STEWARD';
  since: Date;
}

export interface AssetField {
  __typename: 'Field';
  id: string;
  name: string;
  type: string | null;
  description: string | null;
  ordinal: number;
  /** It is there for another name of the data set alone, which tells of it. */
  joined?: boolean;
  /** The fields of its data set as they are read with it; absent: it was read alone. */
  among?: readonly AssetField[];
}

/** Where each kind's GraphQL type name comes from. */
export const TYPE_OF_KIND = {
  DATASET: 'Dataset',
  TRANSFORMATION: 'Transformation',
  MODEL: 'Model',
  DEPLOYMENT: 'Deployment',
} as const satisfies Record<AssetKind, Asset['__typename']>;
