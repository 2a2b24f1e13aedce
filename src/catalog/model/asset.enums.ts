import { enumOf } from '../../graphql/enums.js';
import { VISIBILITIES } from './asset.js';
import { ASSET_KINDS } from './urn.js';

export const AssetKindEnum = enumOf('AssetKind', ASSET_KINDS, 'The four kinds of asset.', {
  DATASET: 'Data that is kept: a table, a folder of files, a stream.',
  TRANSFORMATION: 'Code that turns data or models into data or models; its executions are runs.',
  MODEL: 'A trained model; its versions are what gets deployed.',
  DEPLOYMENT: 'A place where a model serves.',
});

export const VisibilityEnum = enumOf('Visibility', VISIBILITIES, 'The visibility of the metadata of an asset.', {
  DISCOVERABLE: 'Everyone who is signed in may see the metadata.',
  RESTRICTED: 'Only owners and grantees may; others meet an opaque stub in lineage.',
});
