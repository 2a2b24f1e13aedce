/** How much of what happened the lineage knows. */
export interface Coverage {
  runs: number;
  runsWithInputs: number;
  runsWithOutputs: number;
  runsWithBoth: number;
  observedOnly: number;
  declaredOnly: number;
  observedAndDeclared: number;
  hiddenFlows: number;
  sources: ClaimSource[];
  sourceCount: number;
}

/** Who states flows, and how lately something new. */
export interface ClaimSource {
  source: string;
  lastRecordedAt: Date;
  liveClaims: number;
  stale: boolean;
}

export interface CoverageQuestion {
  namespaces: readonly string[] | null;
  since: Date | null;
  staleAfterDays: number;
}
