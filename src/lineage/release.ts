/** That a model version serves, or served, on a deployment. */
export interface Release {
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
