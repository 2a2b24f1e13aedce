export const ALIAS_STATES = ['PROPOSED', 'ACCEPTED', 'DECLINED', 'WITHDRAWN', 'UNDONE'] as const;
export type AliasState = (typeof ALIAS_STATES)[number];

export const ALIAS_SOURCES = ['RENAMED', 'SYMLINK', 'JOINED'] as const;
export type AliasSource = (typeof ALIAS_SOURCES)[number];

/** Which of the two names of a proposal. */
export type Side = 'asset' | 'sameAs';

/** That an owner has agreed. */
export interface AliasWord {
  byId: string;
  at: Date;
}

/** That two data sets are said to be one. */
export interface AliasProposal {
  __typename: 'AliasProposal';
  id: string;
  assetId: string;
  sameAsId: string;
  /** What they were called when it was proposed. */
  assetUrn: string;
  sameAsUrn: string;
  state: AliasState;
  proposerId: string;
  reason: string | null;
  createdAt: Date;
  /** Which of both stays; null: nobody has said. */
  keepId: string | null;
  words: Readonly<Record<Side, AliasWord | null>>;
  deciderId: string | null;
  decidedAt: Date | null;
  decision: string | null;
  undoneById: string | null;
  undoneAt: Date | null;
  undoReason: string | null;
}

/** Another name of an asset. */
export interface AssetAlias {
  urn: string;
  source: AliasSource;
  /** null: since before names were dated. */
  since: Date | null;
}

/** Names of one asset that are shown, the newest first. */
export const MOST_ALIASES = 100;
/** Things that hang on what is set aside, at most: all of them move in one transaction. */
export const MOST_JOINED = 10_000;
export const MOST_REASON = 2_000;

/** By which a pair is found, whichever of both is named first. */
export const pairOf = (one: string, other: string): string => [one, other].sort().join(' ');
