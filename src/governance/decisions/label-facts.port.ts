import type { Statements } from '../../neo4j/statements.js';
import type { Facts } from '../policies/facts.js';

/** What labels say of versions together, as policies are told. */
export interface LabelsOfInputs {
  labels: NonNullable<Facts['labels']>;
  /** Dimensions in which the target declares less than what goes in; null: of something that goes in, nobody knows. */
  writeDown: readonly string[] | null;
  /** Names of facts that nobody knows. */
  unknown: readonly string[];
  /** Where facts come from: the version or run at which each enters the line. */
  origins: readonly { fact: string; at: string; assetId: string | null }[];
}

/** Who says what labels follow for versions, within the caller's transaction, from all there is. */
export interface LabelFacts {
  /** `target`: what is made of them, or is judged by them: the version or asset that may declare less. */
  of(statements: Statements, versionIds: readonly string[], target: string, now: Date): Promise<LabelsOfInputs>;
  /** The same of an asset: all its versions together, or what feeds it. */
  ofAsset(statements: Statements, assetId: string, now: Date): Promise<LabelsOfInputs>;
}
