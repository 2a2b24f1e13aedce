import type { Statements } from '../../neo4j/statements.js';
import type { WayStep } from '../labels/label.js';
import type { Facts } from '../policies/facts.js';

/** Where a fact comes from. */
export interface FactOrigin {
  fact: string;
  /** The version, run or asset at which it enters the line. */
  at: string;
  /** Its asset; null: it is found with the way. */
  assetId: string | null;
  /** The way from there, where it had to be followed; absent: any shortest one will do. */
  way?: readonly WayStep[];
}

/** What labels say of versions together, as policies are told. */
export interface LabelsOfInputs {
  labels: NonNullable<Facts['labels']>;
  /** Dimensions in which the target declares less than what goes in; null: of something that goes in, nobody knows. */
  writeDown: readonly string[] | null;
  /** Names of facts that nobody knows. */
  unknown: readonly string[];
  origins: readonly FactOrigin[];
}

/** Who says what labels follow for versions, within the caller's transaction, from all there is. */
export interface LabelFacts {
  /** `target`: what is made of them, or is judged by them: the version or asset that may declare less. */
  of(statements: Statements, versionIds: readonly string[], target: string, now: Date): Promise<LabelsOfInputs>;
  /** The same of an asset: all its versions together, or what feeds it. */
  ofAsset(statements: Statements, assetId: string, now: Date): Promise<LabelsOfInputs>;
}
