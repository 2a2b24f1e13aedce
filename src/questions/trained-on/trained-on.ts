import type { Version } from '../../catalog/versions/version.js';
import type { Release } from '../../deployment/releases/release.js';
import type { InputCheck } from '../../lineage/runs/input-check.js';
import type { Run } from '../../lineage/runs/run.js';

/** What a question is about: one version by its id, or the versions of an asset: the one of that name, or (null) all. */
export type VersionsOf = { version: string } | { asset: string; named: string | null };

/** A data set version something was trained on, at any remove. */
export interface TrainedOn {
  version: Version;
  /** Hops of the shortest way, a version and a run being a hop each: 2 when one run read it and made what is asked about. */
  distance: number;
  /** The runs that read it on the way, those the viewer may see. */
  runs: Run[];
  hiddenRuns: number;
  /** Whether all of these read what the version was published with. */
  check: InputCheck;
}

/** A release that serves, or served, something trained on the data asked about. */
export interface ServedTraining {
  release: Release;
  distance: number;
}

/** A page of an answer with what it leaves out. */
export interface Answered<T> {
  nodes: T[];
  total: number;
  hidden: number;
  cutByDepth: number;
  hasPrevious: boolean;
  hasNext: boolean;
}
