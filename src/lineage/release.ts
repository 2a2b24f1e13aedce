import type { ShownThen } from '../catalog/clocks.js';

/** That a model version serves, or served, on a deployment. */
export interface Release extends ShownThen {
  __typename: 'Release';
  id: string;
  deploymentId: string;
  modelVersionId: string;
  modelId: string;
  releasedById: string;
  from: Date;
  /** null while it serves. */
  until: Date | null;
}
