import { type Dimensions, covers, isConflict, joinOf, keyOf, loweredBy } from './dimensions.js';
import { Columns, type Column } from './columns.js';
import type { Carrier, CrossedGrant, LineFacts, Said } from './facts.js';
import type { Dimension, EffectiveLabel, LabelValue, Precision } from './label.js';

/** A declaration as it arrives. */
export interface Arrival {
  said: Said;
  value: LabelValue;
  at: string;
  depth: number;
  /** From the origin to what was asked about, where grants or columns made it necessary to follow the way; null: any shortest one will do. */
  path: readonly string[] | null;
  /** Of each step of the way the column; null: the whole. */
  columns: readonly (string | null)[];
  grants: readonly string[];
  precision: Precision;
}

export interface Followed extends Omit<EffectiveLabel, 'origins' | 'hiddenOrigins'> {
  arrivals: readonly Arrival[];
}

/** What follows from what was declared up a line, in each dimension; of one column of what was asked about, or of all of it. */
export function follow(dimensions: Dimensions, facts: LineFacts, column: string | null = null): Map<string, Followed> {
  const columns = facts.columns && new Columns(facts.columns);
  return new Map(dimensions.all.map((dimension) => [dimension.name, followOne(dimension, facts, { columns, column })]));
}

interface ByColumns {
  columns: Columns | null;
  column: string | null;
}

function followOne(dimension: Dimension, facts: LineFacts, { columns, column }: ByColumns): Followed {
  const said = declaredIn(dimension, facts);
  const grants = facts.grants.filter((grant) => grant.dimension === dimension.name);
  const starts = startsOf(said, facts);
  const line = lineOf(dimension, grants, facts, columns);
  const whole = starts.filter((start) => start.said.field === null);
  const ofColumns = starts.filter((start) => start.said.field !== null);
  const reached = alongEdges(line, ofColumns);
  const counting = reached.filter(
    ({ end }) => end === null || column === null || (columns?.areKin(end.id, column) ?? true),
  );
  const arrived = grants.length === 0 ? whole : alongEdges(line, whole).map(({ arrival }) => arrival);
  const all = nearestOf([...arrived, ...counting.map(({ arrival }) => arrival)].sort(nearestFirst));
  const value = joinAll(dimension, all);
  const ofNothing = facts.carriers.some((each) => each.ends && !isDeclared(said, each));
  const isSplit = line.split.size > 0 || (column !== null && ofColumns.length > 0);
  const isByColumns = isSplit && reached.every(({ end }) => end !== null);
  return {
    value,
    unknown: value === null || ofNothing || facts.isCut || facts.unreadable.includes(dimension.name),
    conflict: isConflict(dimension, value),
    precision: isByColumns && !facts.isByAssets ? 'FIELD' : plainOf(facts),
    arrivals: fewest(dimension, all),
  };
}

const plainOf = ({ isByAssets }: LineFacts): Precision => (isByAssets ? 'DATASET' : 'VERSION');

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

function startsOf(said: ByTarget, facts: LineFacts): Arrival[] {
  return facts.carriers
    .flatMap((carrier) =>
      saidOf(said, carrier).map((each) => ({
        ...{ said: each, value: each.value, at: carrier.at, depth: carrier.depth },
        ...{ path: null, columns: [], grants: [], precision: plainOf(facts) },
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

/** A line as one dimension goes along it. */
interface Line {
  dimension: Dimension;
  onward: ReadonlyMap<string, readonly string[]>;
  grantsAt: ReadonlyMap<string, readonly CrossedGrant[]>;
  roots: ReadonlySet<string>;
  columns: Columns | null;
  /** Runs that led a label along columns. */
  split: Set<string>;
}

function lineOf(
  dimension: Dimension,
  grants: readonly CrossedGrant[],
  { edges, rootIds }: LineFacts,
  columns: Columns | null,
): Line {
  const onward = new Map<string, string[]>();
  for (const [source, target] of edges) {
    const targets = onward.get(source);
    if (targets) targets.push(target);
    else onward.set(source, [target]);
  }
  const grantsAt = new Map<string, CrossedGrant[]>();
  for (const grant of grants) grantsAt.set(grant.runId, [...(grantsAt.get(grant.runId) ?? []), grant]);
  for (const each of grantsAt.values()) each.sort((one, other) => (one.id < other.id ? -1 : 1));
  return { dimension, onward, grantsAt, roots: new Set(rootIds), columns, split: new Set() };
}

/** Where a label came to, and in which column; null: the whole. */
interface Reached {
  arrival: Arrival;
  end: Column | null;
}

/**
 * Where grants live, or something is declared of columns, each value that was declared is followed down the line, and lowered at the runs
 * that may. Joins and grants go through each other, so values need not be joined on the way; breadth first, so that the first way to a
 * value is a shortest one.
 */
function alongEdges(line: Line, starts: readonly Arrival[]): Reached[] {
  const byValue = new Map<string, Arrival[]>();
  for (const each of starts) byValue.set(keyOf(each.value), [...(byValue.get(keyOf(each.value)) ?? []), each]);
  return [...byValue.values()].flatMap((same) => flood(line, same));
}

interface Way {
  node: string;
  /** null: the whole. */
  column: Column | null;
  value: LabelValue;
  start: Arrival;
  before: Way | null;
  grants: readonly string[];
}

function flood(line: Line, starts: readonly Arrival[]): Reached[] {
  const seen = new Set<string>();
  const arrived: Reached[] = [];
  const ways: Way[] = [];
  const reach = (way: Way): void => {
    const key = `${way.node} ${way.column?.id ?? ''} ${keyOf(way.value)}`;
    if (seen.has(key)) return;
    seen.add(key);
    ways.push(way);
  };
  for (const start of starts) {
    const columns = columnsOf(start.said);
    // An asset that was reached by claims stands beside the line: no grant is known on its way, and no column but its own.
    if (start.at === start.said.assetId)
      for (const end of start.depth === 0 ? columns : [null]) arrived.push({ arrival: start, end });
    else
      for (const column of columns)
        reach({ node: start.at, column, value: start.value, start, before: null, grants: [] });
  }
  // The list grows while it is walked.
  for (const way of ways) {
    if (line.roots.has(way.node)) arrived.push({ arrival: arrivalOf(line, way), end: way.column });
    for (const node of line.onward.get(way.node) ?? []) for (const each of stepsTo(line, way, node)) reach(each);
  }
  return arrived;
}

/** A column that nobody knows may be any. */
function columnsOf({ field, columnIds, assetId }: Said): readonly (Column | null)[] {
  return field === null || columnIds.length === 0 ? [null] : columnIds.map((id) => ({ id, of: assetId }));
}

/** Of a column only as far as columns tell, and lowered only where it is not passed on as it is. */
function stepsTo(line: Line, way: Way, node: string): Way[] {
  const step = { node, start: way.start, before: way };
  const lowered = leaving(line, way);
  const isTable = line.columns?.isTable(way.node) ?? false;
  if (way.column === null || isTable) return [{ ...step, column: way.column, ...lowered }];
  const onward = line.columns?.onward(way.node, way.column, node) ?? null;
  if (onward === null) return [{ ...step, column: null, ...lowered }];
  line.split.add(way.node);
  const kept = { value: way.value, grants: way.grants };
  return onward.map(({ column, isKept }) => ({ ...step, column, ...(isKept ? kept : lowered) }));
}

function leaving({ dimension, grantsAt }: Line, way: Way) {
  let { value } = way;
  const crossed = [...way.grants];
  for (const grant of grantsAt.get(way.node) ?? []) {
    const lowered = loweredBy(dimension, value, grant);
    if (keyOf(lowered) !== keyOf(value)) crossed.push(grant.id);
    value = lowered;
  }
  return { value, grants: crossed };
}

function arrivalOf({ columns, split }: Line, way: Way): Arrival {
  const steps: Way[] = [];
  for (let step: Way | null = way; step; step = step.before) steps.unshift(step);
  const isByColumns = way.column !== null && steps.some(({ node }) => split.has(node));
  const nameOf = (step: Way): string | null =>
    step.column && (step.before === null ? way.start.said.field : (columns?.nameOf(step.column.id) ?? null));
  return {
    ...{ ...way.start, value: way.value, depth: steps.length - 1, grants: way.grants },
    path: steps.map(({ node }) => node),
    columns: steps.map((step) => (columns?.isTable(step.node) ? nameOf(step) : null)),
    ...(isByColumns ? { precision: 'FIELD' as const } : {}),
  };
}
