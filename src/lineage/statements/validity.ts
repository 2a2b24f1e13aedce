/**
 * What follows from what a source said of a flow: pure, and the only place that knows the rule. A statement holds from its
 * begin to its end, and no longer than to the next complete report that covers it and does not repeat it. Time of
 * validity decides, not the order of arrival: late and back-dated reports land where they belong. The order of recording
 * only decides between things that begin at the same time. See docs/adr/0020.
 */

/** A time of validity, half-open; `validUntil` null: without end. */
export interface Validity {
  validFrom: Date;
  validUntil: Date | null;
}

/** One flow of one report that was not taken back. */
export interface StatedFlow extends Validity {
  /** The report's place in the order in which its stream was recorded. */
  ordinal: number;
  runId: string | null;
  byId: string | null;
}

/** A report that says all its source knows: of one run (RUN) or of the whole transformation (TRANSFORMATION). */
export interface CompleteReport {
  scope: 'RUN' | 'TRANSFORMATION';
  validFrom: Date;
  ordinal: number;
  runId: string | null;
}

/** A time during which a source claims a flow, and whose statement opened it. */
export interface ValidFlow extends Validity {
  runId: string | null;
  byId: string | null;
}

/** When the flow is claimed, as disjoint times in order. All statements and reports are of one stream. */
export function validityOf(statements: readonly StatedFlow[], reports: readonly CompleteReport[]): ValidFlow[] {
  const endOf = endings(reports);
  return union(
    statements.map((stated) => {
      const { validFrom, runId, byId } = stated;
      return { validFrom, validUntil: earlier(stated.validUntil, endOf(stated)), runId, byId };
    }),
  );
}

/** The union of times as disjoint ones in order; of two that meet or overlap the one that began first gives its name. */
export function union<T extends Validity>(times: readonly T[]): T[] {
  const joined: T[] = [];
  for (const time of times.filter(isSome).sort((a, b) => a.validFrom.getTime() - b.validFrom.getTime())) {
    const last = joined.at(-1);
    if (!last || (last.validUntil && last.validUntil < time.validFrom)) joined.push(time);
    else joined[joined.length - 1] = { ...last, validUntil: later(last.validUntil, time.validUntil) };
  }
  return joined;
}

/** What of the times lies before `end`. */
export function before<T extends Validity>(times: readonly T[], end: Date): T[] {
  return times.map((time) => ({ ...time, validUntil: earlier(time.validUntil, end) })).filter(isSome);
}

/** What of the times lies at or after `start`. */
export function after<T extends Validity>(times: readonly T[], start: Date): T[] {
  return times.map((time) => (time.validFrom < start ? { ...time, validFrom: start } : time)).filter(isSome);
}

/** What of the times no time of `taken` covers. */
export function without<T extends Validity>(times: readonly T[], taken: readonly Validity[]): T[] {
  return taken.reduce<T[]>(
    (left, { validFrom, validUntil }) => [...before(left, validFrom), ...(validUntil ? after(left, validUntil) : [])],
    [...times],
  );
}

/**
 * From the claims recorded now to what is believed now. A claim is never edited: one that says too much is retired, what
 * no claim says is added, and one that is true as far as it goes stays, so that nothing is written where nothing changes.
 */
export function reconcile<C extends Validity, B extends Validity>(
  recorded: readonly C[],
  believed: readonly B[],
): { retire: C[]; add: B[] } {
  const isTrue = (claim: C): boolean => without([claim], believed).length === 0;
  const standing = recorded.filter(isTrue);
  return { retire: recorded.filter((claim) => !isTrue(claim)), add: without(union(believed), standing) };
}

/** For a statement, when the next complete report that covers it begins; null: none does. */
function endings(reports: readonly CompleteReport[]): (stated: StatedFlow) => Date | null {
  const ordered = [...reports].sort((a, b) => (isAfter(a, b) ? 1 : -1));
  const ofAll = ordered.filter(({ scope }) => scope === 'TRANSFORMATION');
  const ofRun = new Map<string | null, CompleteReport[]>();
  for (const report of ordered.filter(({ scope }) => scope === 'RUN')) {
    const same = ofRun.get(report.runId);
    if (same) same.push(report);
    else ofRun.set(report.runId, [report]);
  }
  return (stated) => {
    const next = firstAfter(ofAll, stated);
    const nextOfRun = stated.runId === null ? null : firstAfter(ofRun.get(stated.runId) ?? [], stated);
    return earlier(next, nextOfRun);
  };
}

/** The begin of the first report after the statement, by halving: a stream may have a report a night for years. */
function firstAfter(ordered: readonly CompleteReport[], stated: StatedFlow): Date | null {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const report = ordered[middle];
    if (report && isAfter(report, stated)) high = middle;
    else low = middle + 1;
  }
  return ordered[low]?.validFrom ?? null;
}

/** Whether the one begins later, or at the same time and was recorded later. A report is not after its own statements. */
function isAfter(one: Pick<StatedFlow, 'validFrom' | 'ordinal'>, other: Pick<StatedFlow, 'validFrom' | 'ordinal'>) {
  const apart = one.validFrom.getTime() - other.validFrom.getTime();
  return apart > 0 || (apart === 0 && one.ordinal > other.ordinal);
}

function isSome({ validFrom, validUntil }: Validity): boolean {
  return validUntil === null || validUntil > validFrom;
}

/** The earlier of two ends; null is no end. */
export function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

function later(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return null;
  return one > other ? one : other;
}
