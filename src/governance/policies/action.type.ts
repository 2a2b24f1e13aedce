import { enumOf } from '../../graphql/enums.js';
import { ACTIONS } from './facts.js';

export const ActionEnum = enumOf('PolicyAction', ACTIONS, 'An action that policies decide about.', {
  launchTraining: 'A training is launched.',
  deployModel: 'A model version is released on a deployment: by name, promoted or rolled back.',
  publishDatasetVersion: 'A version of a data set is published.',
  publishModelVersion: 'A version of a model is published.',
  retireAsset: 'An asset is retired.',
  export: 'Something leaves.',
});
