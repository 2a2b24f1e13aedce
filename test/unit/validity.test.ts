import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  validityOf,
  type ValidFlow,
  type CompleteReport,
  reconcile,
  type StatedFlow,
  without,
} from '../../src/lineage/statements/validity.js';

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));
const stated = (
  ordinal: number,
  from: number,
  until: number | null = null,
  runId: string | null = null,
): StatedFlow => ({
  ordinal,
  validFrom: day(from),
  validUntil: until === null ? null : day(until),
  runId,
  byId: null,
});
const all = (ordinal: number, from: number): CompleteReport => ({
  scope: 'TRANSFORMATION',
  ordinal,
  validFrom: day(from),
  runId: null,
});
const ofRun = (ordinal: number, from: number, runId: string): CompleteReport => ({
  scope: 'RUN',
  ordinal,
  validFrom: day(from),
  runId,
});
/** Days at which it holds, of the first forty. */
const heldOn = (times: readonly Pick<ValidFlow, 'validFrom' | 'validUntil'>[]): number[] =>
  Array.from({ length: 40 }, (_, index) => index + 1).filter((number) =>
    times.some(({ validFrom, validUntil }) => validFrom <= day(number) && (!validUntil || validUntil > day(number))),
  );
const days = (first: number, beyond: number): number[] =>
  Array.from({ length: beyond - first }, (_, index) => first + index);

describe('what is believed', () => {
  it('is every statement from its begin to its end', () => {
    expect(heldOn(validityOf([stated(1, 3, 7)], []))).toEqual(days(3, 7));
    expect(heldOn(validityOf([stated(1, 3)], []))).toEqual(days(3, 41));
    expect(validityOf([], [all(1, 3)])).toEqual([]);
  });

  it('is one time where statements meet or overlap, in the name of the one that began first', () => {
    const believed = validityOf([stated(2, 5, 9, 'second'), stated(1, 3, 5, 'first'), stated(3, 20, 22, 'third')], []);
    expect(believed.map(({ runId }) => runId)).toEqual(['first', 'third']);
    expect(heldOn(believed)).toEqual([...days(3, 9), ...days(20, 22)]);
  });

  it('ends at the next complete report that leaves it out', () => {
    expect(heldOn(validityOf([stated(1, 3)], [all(2, 10), all(3, 6)]))).toEqual(days(3, 6));
    expect(heldOn(validityOf([stated(1, 3)], [all(2, 2)]))).toEqual(days(3, 41));
  });

  it('goes on where the complete report states it again', () => {
    expect(validityOf([stated(1, 3), stated(2, 6)], [all(2, 6)])).toHaveLength(1);
    expect(heldOn(validityOf([stated(1, 3), stated(2, 6)], [all(2, 6)]))).toEqual(days(3, 41));
  });

  it('ends by a report of a run only as far as that run said it', () => {
    const statements = [stated(1, 3, null, 'a'), stated(2, 5, 9, 'b'), stated(3, 12, 14)];
    expect(heldOn(validityOf(statements, [ofRun(4, 6, 'a')]))).toEqual([...days(3, 9), ...days(12, 14)]);
    expect(heldOn(validityOf(statements, [ofRun(4, 6, 'c')]))).toEqual(days(3, 41));
  });

  it('of what begins at the same time follows what was recorded later', () => {
    expect(heldOn(validityOf([stated(1, 3)], [all(2, 3)]))).toEqual([]);
    expect(heldOn(validityOf([stated(3, 3)], [all(2, 3)]))).toEqual(days(3, 41));
  });

  it('is worked out fast for a stream with a report a night for decades', () => {
    const nights = 10_000;
    const statements = Array.from({ length: nights }, (_, night) => stated(night, night));
    const reports = Array.from({ length: nights }, (_, night) => all(night, night));
    expect(validityOf(statements, reports)).toHaveLength(1);
  });
});

describe('from the claims recorded to what is believed', () => {
  const claim = (id: string, from: number, until: number | null) => ({ id, ...stated(0, from, until) });

  it('nothing is written when nothing changes', () => {
    const recorded = [claim('a', 3, 6), claim('b', 6, null)];
    expect(reconcile(recorded, [stated(0, 3)])).toEqual({ retire: [], add: [] });
  });

  it('a claim that says too much is replaced, and one that is true stays', () => {
    const { retire, add } = reconcile([claim('a', 3, 6), claim('b', 6, null)], [stated(0, 3, 9)]);
    expect(retire.map(({ id }) => id)).toEqual(['b']);
    expect(add).toMatchObject([{ validFrom: day(6), validUntil: day(9) }]);
  });

  it('the parts that no claim covers are what is left', () => {
    const left = without([stated(0, 1, 20)], [stated(0, 3, 5), stated(0, 8, 9)]);
    expect(heldOn(left)).toEqual([...days(1, 3), ...days(5, 8), ...days(9, 20)]);
  });
});

describe('the order of arrival', () => {
  const run = fc.constantFrom(null, 'a', 'b');
  /** What one source says of one flow: whether the report names it, and until when. Each at a time of its own. */
  const report = fc.record({
    scope: fc.constantFrom('FLOWS' as const, 'RUN' as const, 'TRANSFORMATION' as const),
    names: fc.boolean(),
    lasts: fc.option(fc.integer({ min: 1, max: 30 })),
    run,
  });
  const history = fc
    .array(fc.record({ from: fc.integer({ min: 1, max: 30 }), report }), { minLength: 1, maxLength: 8 })
    .map((reports) => [...new Map(reports.map((each) => [each.from, each])).values()]);

  type History = {
    from: number;
    report: { scope: string; names: boolean; lasts: number | null; run: string | null };
  }[];
  const told = (reports: History): { statements: StatedFlow[]; complete: CompleteReport[] } => ({
    statements: reports.flatMap(({ from, report: { names, lasts, run: runId } }, ordinal) =>
      names ? [stated(ordinal, from, lasts === null ? null : from + lasts, runId)] : [],
    ),
    complete: reports.flatMap(({ from, report: { scope, run: runId } }, ordinal) => {
      if (scope === 'TRANSFORMATION') return [{ ...all(ordinal, from), runId }];
      return scope === 'RUN' && runId !== null ? [ofRun(ordinal, from, runId)] : [];
    }),
  });

  it('does not matter for reports about different times', () => {
    fc.assert(
      fc.property(
        history.chain((reports) =>
          fc.tuple(fc.constant(reports), fc.shuffledSubarray(reports, { minLength: reports.length })),
        ),
        ([first, second]) => {
          const [one, other] = [told(first), told(second)];
          expect(heldOn(validityOf(one.statements, one.complete))).toEqual(
            heldOn(validityOf(other.statements, other.complete)),
          );
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('leaves disjoint claims that say what is believed, whatever came between', () => {
    fc.assert(
      fc.property(history, (reports) => {
        let recorded: (StatedFlow | ValidFlow)[] = [];
        reports.forEach((_, index) => {
          const { statements, complete } = told(reports.slice(0, index + 1));
          const believed = validityOf(statements, complete);
          const { retire, add } = reconcile(recorded, believed);
          recorded = [...recorded.filter((each) => !retire.includes(each)), ...add];
          expect(heldOn(recorded)).toEqual(heldOn(believed));
          const total = recorded.reduce((sum, each) => sum + heldOn([each]).length, 0);
          expect(total).toBe(heldOn(recorded).length);
        });
      }),
      { numRuns: 1_000 },
    );
  });
});
