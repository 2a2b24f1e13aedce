import type { Asked } from '../decisions/facts.service.js';

export const STANDING_KINDS = ['DEPLOYMENT', 'TRAINING_JOB', 'APPROVAL'] as const;
export type StandingKind = (typeof STANDING_KINDS)[number];

/** Something that was let through, or is to be, with the question that policies are asked of it now. */
export interface Standing {
  kind: StandingKind;
  /** Of the deployment, the job or the approval. */
  id: string;
  /** The name of what it is about: the deployment, or the transformation that runs. */
  resourceUrn: string;
  asked: Asked;
}

/** A deployment with what serves there. */
export interface LiveDeployment extends Standing {
  kind: 'DEPLOYMENT';
  releaseId: string;
  /** An emergency let it through and was not found to be justified: once it is over, an approval that is lacking is missed. */
  owesWord: boolean;
}
