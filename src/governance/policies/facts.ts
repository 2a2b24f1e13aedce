/**
 * What policies decide by: one record of facts for all actions, and nothing else. Its table is the one place that says which
 * facts there are: the type here, `policies/schema.cedarschema` and the table in docs/policies.md follow from it (ADR 69).
 * Durations are seconds, counts and ranks whole numbers.
 */

export const ACTIONS = [
  'launchTraining',
  'deployModel',
  'publishDatasetVersion',
  'publishModelVersion',
  'retireAsset',
  'export',
] as const;
/** What is asked for. */
export type Action = (typeof ACTIONS)[number];

/** A fact of the table: its type in Cedar, and what it says. */
export type Fact<Kind extends FactKind = FactKind> = { kind: Kind; says: string };
export type FactKind = 'String' | 'Long' | 'Bool' | 'Set<String>';

const text = (says: string): Fact<'String'> => ({ kind: 'String', says });
const count = (says: string): Fact<'Long'> => ({ kind: 'Long', says });
const flag = (says: string): Fact<'Bool'> => ({ kind: 'Bool', says });
const codes = (says: string): Fact<'Set<String>'> => ({ kind: 'Set<String>', says });

export const FACTS = {
  purpose: text('What it is for: a code, as the labels of data name purposes'),
  environment: text('Where it is to serve, in small letters: production, staging …; empty where nothing serves'),
  region: text('Where it is to run, serve or be kept: a code, as the labels of data name regions'),
  tier: text('How much depends on the model: HIGH, MEDIUM or LOW'),
  requester: text('Id of who asks'),
  codeAuthors: codes('Ids of who wrote the code that is to run, or that made the model'),
  labels: {
    classification: {
      level: text('The highest level of what goes in: PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED'),
      rank: count('The place of that level in their order, from 0'),
    },
    personalData: codes('Kinds of personal data within'),
    regions: codes('Regions that all of it may be in'),
    purposes: codes('Purposes that all of it may serve'),
    licences: {
      expression: text('All licences together, as one expression of SPDX'),
      ids: codes('The licences that bind: of a choice, the one that asks least'),
      nonCommercial: flag('One of them forbids commercial use'),
      noDerivatives: flag('One of them forbids what is derived'),
      shareAlike: flag('One of them wants what is derived under the same licence'),
      unresolved: codes('What names no known licence: NOASSERTION, NONE, LicenseRef-…'),
    },
    retainUntil: count('Seconds until it may be deleted; 0 or less: it may'),
    deleteBy: count('Seconds until it must be deleted; 0 or less: it must be gone'),
    embargo: count('Seconds until it may be shown to others; 0 or less: it may'),
    legalHolds: codes('Holds that forbid to delete or overwrite it'),
    quality: count('The lowest quality of what goes in, from 0 to 100'),
    conflicts: codes('Dimensions in which the declarations leave nothing: no region, no purpose'),
    own: codes('What dimensions of the site say, each as dimension:value'),
  },
  inputs: {
    count: count('Versions that go in'),
    unpinned: count('Those without a digest'),
    qualityFailed: count('Those whose last test of quality failed'),
    qualityUnchecked: count('Those whose quality was never tested'),
    oldestQualitySeconds: count('Age of the oldest of their last tests'),
  },
  contaminated: flag('What is to judge the model shares records with what trained it'),
  writeDown: codes('Dimensions in which the result declares less than what goes in, without a grant that holds'),
  clearance: {
    actorRank: count('The highest level that who asks is cleared for, from 0'),
    enclaveRank: count('The highest level that the machines or the place are accredited for, from 0'),
  },
  approvals: {
    independent: count('Approvals that hold now, by neither who asks nor an author of the code'),
    dependent: count('Approvals that hold now, by who asks or by an author of the code'),
    otherDigests: count('Approvals of other digests than those of today'),
    expired: count('Approvals whose time is over'),
    rejected: count('Refusals of these digests by those who may approve'),
  },
  quota: {
    limited: flag('The team has a limit of GPU-hours'),
    limitGpuSeconds: count('The limit, 0 without one'),
    committedGpuSeconds: count('What is used and reserved in this period'),
    requestedGpuSeconds: count('What this asks for'),
  },
  modelCard: {
    missing: codes(
      'Parts of the model card that are empty: intendedUse, limitations, trainingData, evaluation, risks, oversight, contact',
    ),
  },
  model: {
    ageSeconds: count('Since the version was made'),
    evaluationAgeSeconds: count('Since it was last evaluated'),
    baseRetired: flag('A model that it was made from is retired'),
  },
  orphans: count('Assets that this is about, or that go in, without an active owner'),
  breakGlass: {
    active: flag('An emergency was declared that covers this; false where there is none'),
    reason: text('Why'),
    secondsLeft: count('Until it ends'),
    secondPersonNotified: flag('A second person was told'),
    overdueReviews: count('Earlier emergencies of who asks whose review is overdue'),
  },
} as const satisfies FactTable;

export interface FactTable {
  readonly [name: string]: Fact | FactTable;
}

type ValueOf<F> =
  F extends Fact<'String'>
    ? string
    : F extends Fact<'Long'>
      ? number
      : F extends Fact<'Bool'>
        ? boolean
        : readonly string[];
type RecordOf<T> = { readonly [K in keyof T]?: T[K] extends Fact ? ValueOf<T[K]> : RecordOf<T[K]> };

/**
 * The facts of one request. What is absent is unknown, and so is what `unknown` names, itself or what it is part of
 * (`labels.classification`, `labels`): a policy that reads it is UNKNOWN, and enforced as FAIL.
 */
export type Facts = RecordOf<typeof FACTS> & { readonly unknown: readonly string[] };
