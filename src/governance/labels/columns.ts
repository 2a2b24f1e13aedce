/** A column, and of which data set it is. */
export interface Column {
  id: string;
  of: string;
}

/** That a column goes into another within a transformation, as a source states it. */
export interface StatedFlow {
  source: string;
  /** The data set of the source. */
  of: string;
  target: string;
  /** The data set of the target. */
  to: string;
  via: string;
  /** The run in which it was observed; null: it was said of the transformation. */
  runId: string | null;
  since: Date;
  until: Date | null;
  /** It holds at the time that was asked about. */
  isLive: boolean;
  /** The values are passed on as they are: neither masked nor aggregated, and not only decided by. */
  isKept: boolean;
}

/** What is known of the columns of a line. */
export interface ColumnFacts {
  /** The data set of each version. */
  tables: ReadonlyMap<string, string>;
  /** Of each run that made a version of a data set: its transformation, and when it began. */
  runs: ReadonlyMap<string, { code: string; begin: Date }>;
  /** The code that each transformation had, in the order of its revisions. */
  codes: ReadonlyMap<string, readonly { from: Date; code: string }[]>;
  stated: readonly StatedFlow[];
  columns: readonly (Column & { name: string; removedAt: Date | null })[];
  /** That a column lies, or lay, in another. */
  places: readonly { part: string; whole: string; isLive: boolean }[];
}

/** A column that one goes into. */
export interface Onward {
  column: Column;
  isKept: boolean;
}

/** What is said of the columns of a data set that a run made. */
interface Made {
  /** Of each column it is said where it comes from. */
  isComplete: boolean;
  bySource: ReadonlyMap<string, readonly StatedFlow[]>;
  /** The data sets of which something is said. */
  sources: ReadonlySet<string>;
}

/**
 * Where labels of columns go. A run leads them along columns where it is said of each column of what it made where that comes from, and
 * where the data set that they come from is among that; else to the whole of what it made. What is said counts for a run when it held as the
 * run began, or was observed in it. What holds only since then counts while nobody has said that the code is another.
 */
export class Columns {
  private readonly kin: ReadonlyMap<string, ReadonlySet<string>>;
  private readonly liveKin: ReadonlyMap<string, ReadonlySet<string>>;
  private readonly names: ReadonlyMap<string, string>;
  private readonly stated: ReadonlyMap<string, readonly StatedFlow[]>;
  private readonly columns: ReadonlyMap<string, ColumnFacts['columns']>;
  private readonly observed: ReadonlySet<string>;
  private readonly changes = new Map<string, readonly number[]>();
  private readonly made = new Map<string, Made>();

  constructor(private readonly facts: ColumnFacts) {
    this.kin = kinOf(facts.places);
    this.liveKin = kinOf(facts.places.filter(({ isLive }) => isLive));
    this.names = new Map(facts.columns.map(({ id, name }) => [id, name]));
    this.stated = groupedBy(facts.stated, ({ via, to }) => `${via} ${to}`);
    this.columns = groupedBy(facts.columns, ({ of }) => of);
    this.observed = new Set(facts.stated.map(({ runId, to }) => `${runId ?? ''} ${to}`));
  }

  /** null: it is not known, or of what no run of the line made. */
  nameOf(id: string): string | null {
    return this.names.get(id) ?? null;
  }

  /** Whether it is a version of a data set. */
  isTable(id: string): boolean {
    return this.facts.tables.has(id);
  }

  /** The same column, or one that lies in the other. */
  areKin(one: string, other: string): boolean {
    return one === other || (this.kin.get(one)?.has(other) ?? false);
  }

  /** The columns of a version that a run made of one that it read; null: the whole of it. */
  onward(runId: string, column: Column, versionId: string): readonly Onward[] | null {
    const to = this.facts.tables.get(versionId);
    const made = to === undefined ? null : this.madeBy(runId, to);
    if (to === undefined || made === null || !made.isComplete || !made.sources.has(column.of)) return null;
    const found = new Map<string, Onward>();
    for (const source of [column.id, ...(this.kin.get(column.id) ?? [])])
      for (const { target, isKept } of made.bySource.get(source) ?? []) {
        const before = found.get(target);
        found.set(target, { column: { id: target, of: to }, isKept: isKept || (before?.isKept ?? false) });
      }
    return [...found.values()];
  }

  private madeBy(runId: string, to: string): Made | null {
    const run = this.facts.runs.get(runId);
    if (run === undefined) return null;
    const pair = `${run.code} ${to}`;
    const before = this.changesOf(run.code, to).filter((time) => time <= run.begin.getTime()).length;
    const observed = this.observed.has(`${runId} ${to}`) ? runId : '';
    const key = `${pair} ${before} ${observed}`;
    const known =
      this.made.get(key) ?? this.read({ ...run, id: runId }, this.stated.get(pair) ?? [], this.columns.get(to) ?? []);
    this.made.set(key, known);
    return known;
  }

  /** The times at which something else is said, in no order. Runs that began between the same two have the same said of them. */
  private changesOf(code: string, to: string): readonly number[] {
    const pair = `${code} ${to}`;
    const known = this.changes.get(pair);
    if (known) return known;
    const times = [
      ...(this.stated.get(pair) ?? []).flatMap(({ since, until }) => (until ? [since, until] : [since])),
      ...(this.facts.codes.get(code) ?? []).map(({ from }) => from),
      ...(this.columns.get(to) ?? []).flatMap(({ removedAt }) => removedAt ?? []),
    ];
    const changes = [...new Set(times.map((time) => time.getTime()))];
    this.changes.set(pair, changes);
    return changes;
  }

  private read(
    run: { id: string; code: string; begin: Date },
    stated: readonly StatedFlow[],
    columns: ColumnFacts['columns'],
  ): Made {
    const held = (flow: StatedFlow) =>
      flow.runId === run.id || (flow.since <= run.begin && (flow.until === null || flow.until > run.begin));
    const since = stated.filter((flow) => flow.since > run.begin && !this.isOtherCode(run, flow.since));
    const all = [...new Set([...stated.filter(held), ...since])];
    const sure = all.filter((flow) => held(flow) || (flow.runId === null && flow.isLive));
    const targets = new Set(sure.map(({ target }) => target));
    const there = columns.filter(({ removedAt }) => removedAt === null || removedAt > run.begin);
    const isTold = ({ id }: Column) => [id, ...(this.liveKin.get(id) ?? [])].some((each) => targets.has(each));
    return {
      isComplete: there.length > 0 && there.every(isTold),
      bySource: groupedBy(all, ({ source }) => source),
      sources: new Set(sure.map(({ of }) => of)),
    };
  }

  private isOtherCode({ code, begin }: { code: string; begin: Date }, at: Date): boolean {
    const was = this.facts.codes.get(code) ?? [];
    const then = was.filter(({ from }) => from <= begin).at(-1) ?? was[0];
    return was.some((each) => each.from > begin && each.from <= at && each.code !== then?.code);
  }
}

function kinOf(places: ColumnFacts['places']): ReadonlyMap<string, ReadonlySet<string>> {
  const kin = new Map<string, Set<string>>();
  const add = (one: string, other: string) => kin.set(one, (kin.get(one) ?? new Set()).add(other));
  for (const { part, whole } of places) {
    add(part, whole);
    add(whole, part);
  }
  return kin;
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
