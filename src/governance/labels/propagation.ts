import { type Dimensions, covers, isConflict, joinOf, keyOf, loweredBy } from './dimensions.js';
import type { Carrier, CrossedGrant, LineFacts } from './facts.js';
import type { Dimension, EffectiveLabel, LabelValue } from './label.js';

type Said = LineFacts['declarations'][number];

/** A declaration as it arrives. */
export interface Arrival {
  said: Said;
  value: LabelValue;
  at: string;
  depth: number;
  /** From the origin to what was asked about, where grants made it necessary to follow the way; null: any shortest one will do. */
  path: readonly string[] | null;
  grants: readonly string[];
}

export interface Followed extends Omit<EffectiveLabel, 'origins' | 'hiddenOrigins'> {
  arrivals: readonly Arrival[];
}

/** What follows from what was declared up a line, in each dimension. */
export function follow(dimensions: Dimensions, facts: LineFacts): Map<string, Followed> {
  return new Map(dimensions.all.map((dimension) => [dimension.name, followOne(dimension, facts)]));
}

function followOne(dimension: Dimension, facts: LineFacts): Followed {
  const said = declaredIn(dimension, facts);
  const grants = facts.grants.filter((grant) => grant.dimension === dimension.name);
  const starts = startsOf(said, facts.carriers);
  const all = grants.length === 0 ? nearestOf(starts) : alongEdges(dimension, starts, grants, facts);
  const value = joinAll(dimension, all);
  const ofNothing = facts.carriers.some((each) => each.ends && !isDeclared(said, each));
  return {
    value,
    unknown: value === null || ofNothing || facts.isCut || facts.unreadable.includes(dimension.name),
    conflict: isConflict(dimension, value),
    precision: facts.isByAssets ? 'DATASET' : 'VERSION',
    arrivals: fewest(dimension, all),
  };
}

/** By the id of the version, or of the asset. */
type ByTarget = ReadonlyMap<string, readonly Said[]>;

function declaredIn({ name }: Dimension, { declarations }: LineFacts): ByTarget {
  const byTarget = new Map<string, Said[]>();
  for (const each of declarations) {
    if (each.dimension !== name) continue;
    const target = each.versionId ?? each.assetId;
    byTarget.set(target, [...(byTarget.get(target) ?? []), each]);
  }
  return byTarget;
}

const saidOf = (said: ByTarget, { assetId, versionId }: Pick<Carrier, 'assetId' | 'versionId'>): readonly Said[] =>
  [versionId, assetId].flatMap((id) => (id === null ? [] : (said.get(id) ?? [])));

/** Of a run that read nothing it suffices that all it made says so. What is said of one column alone says nothing of the whole. */
function isDeclared(said: ByTarget, carrier: Carrier): boolean {
  const isSaid = (of: Pick<Carrier, 'assetId' | 'versionId'>) => saidOf(said, of).some(({ field }) => field === null);
  if (isSaid(carrier)) return true;
  return carrier.outputs !== null && carrier.outputs.length > 0 && carrier.outputs.every(isSaid);
}

function startsOf(said: ByTarget, carriers: readonly Carrier[]): Arrival[] {
  return carriers
    .flatMap((carrier) =>
      saidOf(said, carrier).map((each) => ({
        ...{ said: each, value: each.value, at: carrier.at, depth: carrier.depth },
        ...{ path: null, grants: [] },
      })),
    )
    .sort(nearestFirst);
}

const nearestFirst = (one: Arrival, other: Arrival): number =>
  one.depth - other.depth || (one.said.id < other.said.id ? -1 : one.said.id > other.said.id ? 1 : 0);

/** One of each value: the first. */
function nearestOf(arrivals: readonly Arrival[]): Arrival[] {
  const byValue = new Map<string, Arrival>();
  for (const each of arrivals) if (!byValue.has(keyOf(each.value))) byValue.set(keyOf(each.value), each);
  return [...byValue.values()];
}

const joinAll = (dimension: Dimension, arrivals: readonly Arrival[]): LabelValue | null =>
  arrivals.reduce<LabelValue | null>(
    (value, each) => (value === null ? each.value : joinOf(dimension, value, each.value)),
    null,
  );

/** As few as say the same together: none of them can be left out. */
function fewest(dimension: Dimension, arrivals: readonly Arrival[]): Arrival[] {
  const total = joinAll(dimension, arrivals);
  if (total === null) return [];
  const single = arrivals.find((each) => covers(dimension, each.value, total));
  if (single) return [single];
  const kept: Arrival[] = [];
  for (const each of arrivals) {
    const before = joinAll(dimension, kept);
    if (before === null || !covers(dimension, before, each.value)) kept.push(each);
  }
  for (const each of [...kept].reverse()) {
    const rest = joinAll(
      dimension,
      kept.filter((other) => other !== each),
    );
    if (rest !== null && covers(dimension, rest, total)) kept.splice(kept.indexOf(each), 1);
  }
  return kept;
}

/**
 * Where grants live, each value that was declared is followed down the line, and lowered at the runs that may. Joins and grants go
 * through each other, so values need not be joined on the way; breadth first, so that the first way to a value is a shortest one.
 */
function alongEdges(
  dimension: Dimension,
  starts: readonly Arrival[],
  grants: readonly CrossedGrant[],
  { edges, rootIds }: LineFacts,
): Arrival[] {
  const onward = new Map<string, string[]>();
  for (const [source, target] of edges) onward.set(source, [...(onward.get(source) ?? []), target]);
  const at = new Map<string, CrossedGrant[]>();
  for (const grant of grants) at.set(grant.runId, [...(at.get(grant.runId) ?? []), grant]);
  for (const each of at.values()) each.sort((one, other) => (one.id < other.id ? -1 : 1));
  const roots = new Set(rootIds);
  const byValue = new Map<string, Arrival[]>();
  for (const each of starts) byValue.set(keyOf(each.value), [...(byValue.get(keyOf(each.value)) ?? []), each]);
  const arrived = [...byValue.values()].flatMap((same) => flood(dimension, same, { onward, at, roots }));
  return nearestOf(arrived.sort(nearestFirst));
}

interface Way {
  node: string;
  value: LabelValue;
  start: Arrival;
  before: Way | null;
  grants: readonly string[];
}

interface Line {
  onward: ReadonlyMap<string, readonly string[]>;
  at: ReadonlyMap<string, readonly CrossedGrant[]>;
  roots: ReadonlySet<string>;
}

function flood(dimension: Dimension, starts: readonly Arrival[], { onward, at, roots }: Line): Arrival[] {
  const seen = new Set<string>();
  const arrived: Arrival[] = [];
  const ways: Way[] = [];
  const reach = (way: Way): void => {
    const key = `${way.node} ${keyOf(way.value)}`;
    if (seen.has(key)) return;
    seen.add(key);
    ways.push(way);
  };
  for (const start of starts) {
    // An asset that was reached by claims stands beside the line: no grant is known on its way.
    if (start.at === start.said.assetId) arrived.push(start);
    else reach({ node: start.at, value: start.value, start, before: null, grants: [] });
  }
  // The list grows while it is walked.
  for (const way of ways) {
    if (roots.has(way.node)) arrived.push(arrivalOf(way));
    const { value, grants } = leaving(dimension, way, at.get(way.node) ?? []);
    for (const node of onward.get(way.node) ?? []) reach({ node, value, start: way.start, before: way, grants });
  }
  return arrived;
}

function leaving(dimension: Dimension, way: Way, grants: readonly CrossedGrant[]) {
  let { value } = way;
  const crossed = [...way.grants];
  for (const grant of grants) {
    const lowered = loweredBy(dimension, value, grant);
    if (keyOf(lowered) !== keyOf(value)) crossed.push(grant.id);
    value = lowered;
  }
  return { value, grants: crossed };
}

function arrivalOf(way: Way): Arrival {
  const path: string[] = [];
  for (let step: Way | null = way; step; step = step.before) path.unshift(step.node);
  return { ...way.start, value: way.value, depth: path.length - 1, path, grants: way.grants };
}
