import type { Version } from '../../catalog/versions/version.js';

export const FINDING_KINDS = ['EVALUATION_ITSELF', 'SHARED_ANCESTOR', 'SAME_CONTENT'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export const VERDICTS = ['CONTAMINATED', 'RELATED', 'NOTHING_FOUND', 'UNKNOWN'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Something training and evaluation have in common. */
export interface Finding {
  kind: FindingKind;
  /** On the side of the training. */
  version: Version;
  /** On the side of the evaluation: the same version, but for SAME_CONTENT. */
  evaluationVersion: Version;
  trainDistance: number;
  evaluationDistance: number;
}

/** Where a finding lies in the list: its distances, and the ids of its two versions. */
export type FindingPlace = readonly [number, number, string, string];

export function placeOf({ evaluationDistance, trainDistance, version, evaluationVersion }: Finding): FindingPlace {
  return [evaluationDistance, trainDistance, version.id, evaluationVersion.id];
}

export interface Contamination {
  verdict: Verdict;
  findings: Finding[];
  totalCount: number;
  hiddenFindings: number;
  hasPrevious: boolean;
  hasNext: boolean;
}
