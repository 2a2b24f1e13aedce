/** What the runs behind something took together, of those the viewer may see. */
export interface Footprint {
  runs: number;
  measuredRuns: number;
  estimatedRuns: number;
  unknownRuns: number;
  hiddenRuns: number;
  gpuSeconds: number;
  cpuSeconds: number;
  /** null: of no run anything is known. */
  energyJoules: number | null;
}

export interface FootprintAsked {
  subject: { ref: string } | { team: string };
  from: Date;
  to: Date;
}
