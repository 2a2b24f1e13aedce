/** The assets and flows on the ways from one asset to another. Assets are numbers, in the order in which ways are compared. */
export interface PathGraph {
  from: number;
  to: number;
  /** For each asset, where data flows from it: each target once, in order. */
  next: readonly (readonly number[])[];
}

/** A step of a way that shares its beginning with others. */
interface Step {
  at: number;
  before: Step | null;
}

/**
 * The first `count` of the shortest ways, in order, where every asset of the graph lies on a shortest way and every flow leads
 * nearer to the end: then each beginning of a way has an end, and of those of one length only the first `count` matter.
 */
export function shortestOnly({ from, to, next }: PathGraph, count: number): number[][] {
  let steps: Step[] = [{ at: from, before: null }];
  while (steps.length > 0 && steps[0]?.at !== to) {
    const further: Step[] = [];
    for (const before of steps) {
      for (const at of next[before.at] ?? []) {
        if (further.length < count) further.push({ at, before });
      }
    }
    steps = further;
  }
  return steps.map(wayTo);
}

function wayTo(last: Step): number[] {
  const way: number[] = [];
  for (let step: Step | null = last; step; step = step.before) way.push(step.at);
  return way.reverse();
}

/** Ways that keep to `way` until the asset at `spur` and go on from there to none of `taken`. */
interface Branch {
  way: readonly number[];
  spur: number;
  taken: readonly number[];
  /** No such way is shorter, in hops; of those of this length none comes before the one over `next`. */
  length: number;
  next: number;
}

/** A way that was found to be the first of its branch. */
interface Found {
  way: number[];
  branch: Branch;
}

/**
 * The first `count` ways of up to `within` hops that visit no asset twice: shortest first, those of one length in the order of
 * their assets. By Yen's algorithm: whatever is left after a way was taken leaves it somewhere, so it falls into branches, of
 * which the most promising is searched next. A branch is only searched when its bound says that it could be next.
 */
export function kShortestPaths(graph: PathGraph, count: number, within: number): number[][] {
  const previous = reversed(graph.next);
  const hopsLeft = distancesTo(graph, previous, new Set());
  const ways: number[][] = [];
  /** The branches of each way that was taken, the most promising last. */
  const branches: Branch[][] = [branchesOf(graph, hopsLeft, [graph.from], { spur: 0, taken: [] }, within)];
  const found: Found[] = [];
  while (ways.length < count) {
    const open = branches.flatMap((each) => each.at(-1) ?? []).sort(compareBranches)[0];
    const first = found.sort(compareFound)[0];
    if (open && (!first || couldPrecede(open, first.way))) {
      branches.find((each) => each.at(-1) === open)?.pop();
      const way = searchBranch(graph, previous, open);
      if (way && way.length - 1 <= within) found.push({ way, branch: open });
      continue;
    }
    if (!first) break;
    found.shift();
    ways.push(first.way);
    branches.push(branchesOf(graph, hopsLeft, first.way, first.branch, within));
  }
  return ways;
}

/** What is left of a branch once its first way was taken, by where the others leave that; the most promising last. */
function branchesOf(
  graph: PathGraph,
  hopsLeft: readonly number[],
  way: readonly number[],
  { spur, taken }: Pick<Branch, 'spur' | 'taken'>,
  within: number,
): Branch[] {
  const branches: Branch[] = [];
  const passed = new Set(way.slice(0, spur));
  for (let at = spur; at === 0 || at < way.length - 1; at++) {
    passed.add(way[at] ?? -1);
    const own = way[at + 1];
    const left = [...(at === spur ? taken : []), ...(own === undefined ? [] : [own])];
    const next = nearest(graph.next[way[at] ?? -1] ?? [], hopsLeft, (each) => passed.has(each) || left.includes(each));
    const length = at + 1 + (hopsLeft[next] ?? Infinity);
    if (length <= within) branches.push({ way, spur: at, taken: left, length, next });
  }
  return branches.sort(compareBranches).reverse();
}

/** The first way of the branch; null when there is none. */
function searchBranch(graph: PathGraph, previous: PathGraph['next'], { way, spur, taken }: Branch): number[] | null {
  const found = way.slice(0, spur + 1);
  const hopsLeft = distancesTo(graph, previous, new Set(found));
  let next = nearest(graph.next[found.at(-1) ?? -1] ?? [], hopsLeft, (each) => taken.includes(each));
  while (hopsLeft[next] !== undefined) {
    found.push(next);
    if (next === graph.to) return found;
    next = nearest(graph.next[next] ?? [], hopsLeft, () => false);
  }
  return null;
}

/** The first of the nearest; -1: none leads on. */
function nearest(targets: readonly number[], hopsLeft: readonly number[], isLeftOut: (at: number) => boolean): number {
  let best = -1;
  for (const target of targets) {
    const hops = hopsLeft[target];
    if (hops !== undefined && hops < (hopsLeft[best] ?? Infinity) && !isLeftOut(target)) best = target;
  }
  return best;
}

/** For each asset, the hops from it to the end past none of `blocked`; none for one that does not lead there. */
function distancesTo({ to, next }: PathGraph, previous: PathGraph['next'], blocked: ReadonlySet<number>): number[] {
  const hops = new Array<number>(next.length);
  hops[to] = 0;
  let rim = [to];
  for (let distance = 1; rim.length > 0; distance++) {
    const further: number[] = [];
    for (const source of rim.flatMap((each) => previous[each] ?? [])) {
      if (hops[source] !== undefined || blocked.has(source)) continue;
      hops[source] = distance;
      further.push(source);
    }
    rim = further;
  }
  return hops;
}

function reversed(next: PathGraph['next']): number[][] {
  const previous: number[][] = next.map(() => []);
  next.forEach((targets, source) => targets.forEach((target) => previous[target]?.push(source)));
  return previous;
}

const compareFound = (one: Found, other: Found): number =>
  one.way.length - other.way.length ||
  compareFrom(
    0,
    (index) => one.way[index],
    (index) => other.way[index],
  );

/** By length, and then by the assets as far as they are known. Branches of one way part where the first of them leaves it. */
const compareBranches = (one: Branch, other: Branch): number =>
  one.length - other.length ||
  compareFrom(one.way === other.way ? Math.min(one.spur, other.spur) : 0, placeOf(one), placeOf(other));

/** Whether the branch could hold a way that comes before this one. */
const couldPrecede = (branch: Branch, way: readonly number[]): boolean =>
  branch.length < way.length - 1 ||
  (branch.length === way.length - 1 && compareFrom(0, placeOf(branch), (index) => way[index]) <= 0);

const placeOf =
  ({ way, spur, next }: Branch) =>
  (index: number): number | undefined =>
    index <= spur ? way[index] : index === spur + 1 ? next : undefined;

function compareFrom(
  start: number,
  one: (index: number) => number | undefined,
  other: (index: number) => number | undefined,
): number {
  for (let index = start; ; index++) {
    const [left, right] = [one(index), other(index)];
    if (left === undefined || right === undefined) return 0;
    if (left !== right) return left - right;
  }
}
