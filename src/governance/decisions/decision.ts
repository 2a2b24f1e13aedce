import type { AUDIT_LOG } from '../../audit/record/log-entry.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { PolicyFinding, Outcome } from '../policies/engine.js';
import type { AskedFor } from './request.js';
import type { Action, Facts } from '../policies/facts.js';

/** What a decision is about: an asset, or one version of it, in its part. */
export interface Subject {
  part: 'RESOURCE' | 'OUTPUT' | 'INPUT' | 'MODEL_VERSION';
  assetId: string;
  /** null: the asset itself. */
  versionId: string | null;
  /** SHA-256 over what is to come and is not there yet, or of what is asked for besides; absent: what is there counts. */
  content?: string;
}

/** The same with the SHA-256 over what of it counts: the code of a transformation, the content of a version. */
export interface DigestedSubject extends Subject {
  digest: string;
}

/** Facts that whoever asks knows, and the graph does not: they stay as they are when all others are looked up again. */
type GivenFacts = Pick<Facts, 'purpose' | 'environment' | 'quota' | 'contaminated' | 'inputs'> & {
  /** By which a job is to run: no fact by itself, but where. */
  launcher?: string;
};

/** What policies are asked. */
export interface PolicyQuestion {
  action: Action;
  resource: Asset | typeof AUDIT_LOG;
  subjects: readonly Subject[];
  given: GivenFacts;
  /** What is done by itself once it is approved; absent: it is to be asked for again. */
  request?: AskedFor;
  /** It is all taken back afterwards: nobody is referred to what will not be there. */
  isRehearsal?: boolean;
}

/** A thing on the way by which a fact came about. */
export interface WitnessStep {
  kind: 'VERSION' | 'RUN' | 'ASSET';
  id: string;
  assetId: string;
  /** The field in which it came there; absent: the whole, or it was not followed along columns. */
  field?: string | undefined;
}

/** Why facts are what they are: the way from what was asked about to what they come from. */
export interface Witness {
  fact: string;
  steps: readonly WitnessStep[];
}

/** What was decided, by what, and why. Nothing of it ever changes. */
export interface PolicyDecision {
  __typename: 'PolicyDecision';
  id: string;
  action: Action;
  outcome: Outcome;
  policySetId: string;
  policySetDigest: string;
  resourceId: string;
  /** The name of the resource at the time. */
  resourceUrn: string;
  actorId: string;
  subjects: readonly DigestedSubject[];
  /** SHA-256 over the digests of all subjects: what an approval is of. */
  subjectsDigest: string;
  facts: Facts;
  factsDigest: string;
  given: GivenFacts;
  findings: readonly PolicyFinding[];
  reasons: readonly string[];
  witnesses: readonly Witness[];
  engine: string;
  /** The time as of which the facts held, and by which they were recorded. */
  validAt: Date;
  decidedAt: Date;
  /** The job, release or version that it let through; null: none. */
  allowedId: string | null;
  /** The request for an approval that it waits for, or by which it was let through; null: none. */
  approvalId: string | null;
  /** The emergency that covered it; null: none did. */
  breakGlassId: string | null;
}

/** Where a decision is about an asset that was not yet there in another way. */
export const MOST_WITNESSES = 20;
