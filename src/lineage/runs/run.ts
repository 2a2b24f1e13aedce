import type { ShownThen } from '../../catalog/model/as-of.js';
import { notFound } from '../../errors.js';

export const RUN_STATES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** The facet in which a launched run keeps its command. */
export const COMMAND_FACET = 'weftline_command';

/** One execution of a transformation. */
export interface Run extends ShownThen {
  __typename: 'Run';
  id: string;
  transformationId: string;
  /** What its producer calls it (OpenLineage's runId); null: it was not reported by events. */
  externalId: string | null;
  state: RunState;
  createdAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  parentId: string | null;
  error: string | null;
  facets: Record<string, unknown>;
}

/** Which runs of a transformation are listed. */
export interface RunConditions {
  /** null: in any state. */
  states: readonly RunState[] | null;
  /** null: overdue or not. */
  overdue: boolean | null;
}

/** How a run ends. */
export const FINAL_STATES = ['SUCCEEDED', 'FAILED', 'CANCELLED'] as const;
export type FinalState = (typeof FINAL_STATES)[number];

export function isFinal(state: RunState): state is FinalState {
  return FINAL_STATES.some((final) => final === state);
}

/** NOT_FOUND for a run, in the same words whether it is missing or hidden. */
export function runNotFound(id: string): Error {
  return notFound(`There is no run ${id}, or you may not know of it.`);
}
