import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BreakGlass,
  breakGlassAsThen,
  checkMinutes,
  coverFacts,
  endOf,
  reviewDueAt,
  stateOf,
} from '../../../src/governance/break-glass/break-glass.js';

const at = (minutes: number): Date => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000);
const glass = (more: Partial<BreakGlass> = {}): BreakGlass => ({
  ...{ __typename: 'BreakGlass', id: '1', assetId: 'a', assetUrn: 'urn:weft:deployment:a:b', actions: ['deployModel'] },
  ...{ reason: 'R', openedById: 'o', openedAt: at(0), endsAt: at(60), secondPersonId: 's' },
  ...{ closedAt: null, closedById: null, reviewHours: 2, review: null, ...more },
});
const review = { byId: 'r', at: at(70), verdict: 'JUSTIFIED', text: 'T' } as const;

describe('An emergency', () => {
  it.each([
    [0, {}, 'ACTIVE'],
    [59, {}, 'ACTIVE'],
    [60, {}, 'REVIEW_DUE'],
    [179, {}, 'REVIEW_DUE'],
    [180, {}, 'REVIEW_OVERDUE'],
    [10, { closedAt: at(10) }, 'REVIEW_DUE'],
    [130, { closedAt: at(10) }, 'REVIEW_OVERDUE'],
    [500, { review }, 'REVIEWED'],
  ])('after %d minutes, with %j, is %s', (minutes, more, state) => {
    expect(stateOf(glass(more), at(minutes))).toBe(state);
  });

  it('is to an auditor session as it was then', () => {
    const over = glass({ closedAt: at(10), closedById: 'o', review });
    expect(breakGlassAsThen(over, at(5))).toEqual(glass());
    expect(breakGlassAsThen(over, at(20))).toEqual({ ...over, review: null });
    expect(breakGlassAsThen(over, undefined)).toEqual(over);
  });

  it('has its review due the same time after its end, however it ended', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 8_784 }), (minutes, reviewHours) => {
        const over = glass({ closedAt: at(minutes), reviewHours });
        expect(reviewDueAt(over).getTime() - endOf(over).getTime()).toBe(reviewHours * 3_600_000);
      }),
    );
  });

  it('lasts no longer than it may', () => {
    expect(() => checkMinutes(240, 4)).not.toThrow();
    for (const minutes of [-1, 0, 241]) expect(() => checkMinutes(minutes, 4)).toThrow('from 1 to 240 minutes');
  });

  it('is told to policies while it goes on, and what is overdue always', () => {
    expect(coverFacts({ open: null, overdueReviews: 2 }, at(0))).toEqual({
      ...{ active: false, reason: '', secondsLeft: 0, secondPersonNotified: false, overdueReviews: 2 },
    });
    const open = { id: '1', reason: 'R', until: at(1), isNotified: true };
    expect(coverFacts({ open, overdueReviews: 0 }, at(0))).toEqual({
      ...{ active: true, reason: 'R', secondsLeft: 60, secondPersonNotified: true, overdueReviews: 0 },
    });
  });
});
