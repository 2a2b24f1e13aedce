import { describe, expect, it } from 'vitest';
import { type ColumnFacts, Columns, type StatedFlow } from '../../../src/governance/labels/columns.js';

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));
const column = (id: string, of: string, removedAt: Date | null = null) => ({ id, of, name: id, removedAt });

/** The run `run` of day 5 makes `out` of `in`: in.a goes into out.x, in.b into out.y. */
function columnsOf(more: Partial<ColumnFacts> = {}, changes: Partial<StatedFlow> = {}): Columns {
  const flow = (source: string, target: string): StatedFlow => ({
    ...{ source, of: 'in', target, to: 'out', via: 'job', runId: null, since: day(1), until: null },
    ...{ isLive: true, isKept: true, ...changes },
  });
  return new Columns({
    tables: new Map([
      ['v', 'in'],
      ['w', 'out'],
    ]),
    runs: new Map([['run', { code: 'job', begin: day(5) }]]),
    codes: new Map([['job', [{ from: day(1), code: 'one' }]]]),
    stated: [flow('a', 'x'), flow('b', 'y')],
    ...{ columns: [column('x', 'out'), column('y', 'out')], places: [], ...more },
  });
}

const from = (columns: Columns, id = 'a', of = 'in') =>
  columns.onward('run', { id, of }, 'w')?.map(({ column: { id: to } }) => to) ?? null;

describe('where a label of a column goes', () => {
  it('is where the column goes, and nowhere where it goes nowhere', () => {
    expect([from(columnsOf()), from(columnsOf(), 'c')]).toEqual([['x'], []]);
  });

  it.each<[string, Columns]>([
    ['of a column nothing is said', columnsOf({ columns: ['x', 'y', 'z'].map((id) => column(id, 'out')) })],
    ['a column was removed only since', columnsOf({ columns: [column('x', 'out'), column('z', 'out', day(6))] })],
    ['nobody knows its columns', columnsOf({ columns: [] })],
    ['what is said held no more when the run began', columnsOf({}, { until: day(5) })],
    ['it was seen in a later run', columnsOf({}, { runId: 'other', since: day(6) })],
    ['it is said since then, and holds no more', columnsOf({}, { since: day(6), until: day(7), isLive: false })],
    [
      'it is said of other code',
      columnsOf(
        { codes: new Map([['job', [1, 6].map((on) => ({ from: day(on), code: `${on}` }))]]) },
        { since: day(7) },
      ),
    ],
    ['nobody knows the run', columnsOf({ runs: new Map() })],
  ])('is the whole where %s', (_why, columns) => {
    expect(from(columns)).toBeNull();
  });

  it('is the whole where nothing is said of the data set that it comes from', () => {
    expect(from(columnsOf(), 'a', 'another')).toBeNull();
  });

  it.each<[string, Columns]>([
    ['what is said held when the run began', columnsOf({}, { until: day(6), isLive: false })],
    ['it was seen in this run', columnsOf({}, { runId: 'run', since: day(6) })],
    ['it is said since then, and the code is the same', columnsOf({}, { since: day(6) })],
    ['a column had been removed before', columnsOf({ columns: [column('x', 'out'), column('z', 'out', day(4))] })],
  ])('is the column where %s', (_why, columns) => {
    expect(from(columns)).toEqual(['x']);
  });

  it('is also where goes what the column lies in, and what lies in it; not its siblings', () => {
    const places = [
      { part: 'a', whole: 's', isLive: true },
      { part: 'b', whole: 's', isLive: true },
    ];
    expect([from(columnsOf({ places })), from(columnsOf({ places }), 's')]).toEqual([['x'], ['x', 'y']]);
  });
});
