import type { Statements } from '../../neo4j/statements.js';
import type { Facts } from '../policies/facts.js';

/** What labels say of versions together, as policies are told. */
export interface LabelsOfInputs {
  labels: NonNullable<Facts['labels']>;
  /** Names of facts that nobody knows. */
  unknown: readonly string[];
  /** Where facts come from: the version or run at which each enters the line. */
  origins: readonly { fact: string; at: string; assetId: string | null }[];
}

/** Who says what labels follow for versions, within the caller's transaction, from all there is. */
export interface LabelFacts {
  of(statements: Statements, versionIds: readonly string[], now: Date): Promise<LabelsOfInputs>;
  /** The same of an asset: all its versions together, or what feeds it. */
  ofAsset(statements: Statements, assetId: string, now: Date): Promise<LabelsOfInputs>;
}
