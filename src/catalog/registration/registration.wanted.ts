import { badInput } from '../../errors.js';
import { toFields } from '../assets/asset.changes.js';
import type { AssetWanted } from './registration.draft.js';
import type * as input from './registration.input.js';

export const datasetWanted = (given: input.RegisterDatasetInput): AssetWanted => ({
  kind: 'DATASET',
  input: given,
  fields: toFields(given.fields),
});

export const transformationWanted = (given: input.RegisterTransformationInput): AssetWanted => ({
  kind: 'TRANSFORMATION',
  input: given,
});

export const modelWanted = (given: input.RegisterModelInput): AssetWanted => ({
  kind: 'MODEL',
  input: given,
});

export const deploymentWanted = (given: input.RegisterDeploymentInput): AssetWanted => ({
  kind: 'DEPLOYMENT',
  input: given,
});

/** What one of a batch asks for; made when it is looked at, so that what is wrong is told of this one. Throws BAD_USER_INPUT. */
export function wantedOf(given: input.AssetToRegisterInput): AssetWanted {
  const { dataset, transformation, model, deployment } = given;
  const wanted = [
    dataset && datasetWanted(dataset),
    transformation && transformationWanted(transformation),
    model && modelWanted(model),
    deployment && deploymentWanted(deployment),
  ].filter((each) => each != null);
  if (wanted.length !== 1 || !wanted[0]) {
    throw badInput(
      `${wanted.length} of \`dataset\`, \`transformation\`, \`model\` and \`deployment\` are given. Give exactly one.`,
    );
  }
  return wanted[0];
}
