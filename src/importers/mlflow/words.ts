import { EventMaker, facetsOf, type OutgoingFacet, runIdOf } from '../events/outgoing.js';
import type { Pair } from './answers.js';

const PRODUCER = 'urn:weftline:import:mlflow';
export const events = new EventMaker(PRODUCER);
export const facet = facetsOf(PRODUCER);

/** A facet of ours, by its definition in schema/openlineage/WeftlineMlflow.json: OpenLineage has none for what it says. */
export const ownFacet = (definition: string, said: object): OutgoingFacet => ({
  _producer: PRODUCER,
  _schemaURL: `urn:weftline:openlineage:1-0-0:WeftlineMlflow#/$defs/${definition}`,
  ...said,
});

/** What Weftline reads of any producer: what was measured of a version of a model, and what it was made with. */
export const versionFacet = (said: object): OutgoingFacet => ({
  _producer: PRODUCER,
  _schemaURL: 'urn:weftline:openlineage:1-0-0:WeftlineModelVersionDatasetFacet#/$defs/WeftlineModelVersionDatasetFacet',
  ...said,
});

/** A time as events write it. */
export const timeOf = (ms: number): string => new Date(ms).toISOString();

/** MLflow writes the id of a run as a UUID without its dashes; one that is none is told by a UUID made of it. */
export function runIdFor(namespace: string, runId: string): string {
  const parts = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(runId);
  return parts === null ? runIdOf('mlflow', namespace, runId) : parts.slice(1).join('-');
}

/** Characters of one parameter or tag, and of all of them together: a run may hold a whole file in each, and a graph keeps 500,000 of its facets. */
const MOST_OF_A_VALUE = 6_000;
const MOST_OF_ALL = 100_000;

/** Parameters or tags by name, in order; what is too much is cut, and named. */
export function told(pairs: readonly Pair[]): { values: Record<string, string>; cut: string[] } {
  const values: Record<string, string> = {};
  const cut: string[] = [];
  let size = 0;
  for (const { key, value } of [...pairs].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const kept = value.slice(0, Math.max(0, Math.min(MOST_OF_A_VALUE, MOST_OF_ALL - size)));
    size += key.length + kept.length;
    if (kept.length < value.length) cut.push(key);
    if (size <= MOST_OF_ALL) Object.defineProperty(values, key, { value: kept, enumerable: true });
  }
  return { values, cut: cut.slice(0, 1_000) };
}

export const tagOf = (pairs: readonly Pair[], key: string): string | null =>
  pairs.find((each) => each.key === key)?.value ?? null;
