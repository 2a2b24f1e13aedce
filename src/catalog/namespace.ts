import type { Visibility } from './asset.js';

/** Where names live; its visibility is that of all its assets which have none of their own. */
export interface Namespace {
  __typename: 'Namespace';
  id: string;
  name: string;
  visibility: Visibility;
}
