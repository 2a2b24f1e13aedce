import fc from 'fast-check';
import neo4j from 'neo4j-driver';
import { describe, expect, it } from 'vitest';
import { Row } from '../../src/neo4j/row.js';

const { DateTime } = neo4j.types;
const dates = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});

describe('A time in a row', () => {
  it('is what the driver makes of it, in whatever zone it was kept', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: -64_800, max: 64_800 }), fc.nat(999_999), (date, offset, nanoseconds) => {
        const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
        const [hour, minute, second] = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
        const nanosecond = date.getUTCMilliseconds() * 1_000_000 + nanoseconds;
        const time = new DateTime(year, month, day, hour, minute, second, nanosecond, offset);
        expect(new Row({ time }).time('time')).toEqual(new Date(date.getTime() - offset * 1_000));
        // Whole milliseconds, which are all that the driver's own way through a text keeps.
        const stored = DateTime.fromStandardDate(date);
        expect(new Row({ times: [stored] }).times('times')).toEqual([date]);
      }),
    );
  });

  it('is kept with the name of its zone, too', () => {
    const time = new DateTime(2026, 7, 1, 12, 0, 0, 0, 7_200, 'Europe/Vienna');
    expect(new Row({ time }).maybeTime('time')).toEqual(new Date('2026-07-01T10:00:00Z'));
  });
});
