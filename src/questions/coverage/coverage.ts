/** How much of what happened the lineage knows; counts that were not asked for are 0. */
export interface Coverage {
  runs: number;
  runsWithInputs: number;
  runsWithOutputs: number;
  runsWithBoth: number;
  observedOnly: number;
  declaredOnly: number;
  observedAndDeclared: number;
  hiddenFlows: number;
}

/** Who states flows, and when last. */
export interface ClaimSource {
  source: string;
  lastStatedAt: Date;
  liveClaims: number;
  stale: boolean;
}

export interface CoverageScope {
  /** null: all. */
  namespaces: readonly string[] | null;
  /** Count runs that began then or later; null: all. */
  since: Date | null;
  staleAfterDays: number;
}

/** Which parts of an answer are selected: the others are not computed. */
export interface CoverageWants {
  runs: boolean;
  flows: boolean;
}

export interface SourcesQuestion {
  staleOnly: boolean;
  first: number;
  after: string | null;
}

/** A page of the sources. */
export interface ClaimSources {
  edges: { cursor: string; node: ClaimSource }[];
  totalCount: number;
  hasPrevious: boolean;
  hasNext: boolean;
}
