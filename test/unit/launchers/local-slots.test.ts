import { describe, expect, it } from 'vitest';
import { grantFor, type Ticket, turnsOf } from '../../../src/training/launchers/local-slots.js';

const ticket = (run: string, gpus: number, granted: number[] | null = null): Ticket => ({
  run,
  gpus,
  capacity: { gpus: 2, maxConcurrent: 3 },
  granted,
  submittedAt: `2026-01-01T00:00:0${run}Z`,
});

describe('the turn of a local job', () => {
  it('comes in the order of submission', () => {
    const waiting = [ticket('2', 0), ticket('1', 0)];
    expect(grantFor('1', waiting, { gpus: 0, maxConcurrent: 1 })).toEqual([]);
    expect(grantFor('2', waiting, { gpus: 0, maxConcurrent: 1 })).toBeNull();
  });

  it('brings the lowest free GPUs', () => {
    const tickets = [ticket('1', 1, [0]), ticket('2', 1, [2]), ticket('3', 2)];
    expect(grantFor('3', tickets, { gpus: 4, maxConcurrent: 9 })).toEqual([1, 3]);
  });

  it('lets no later job take the GPUs an earlier one is gathering, but one without GPUs pass', () => {
    const tickets = [ticket('1', 1, [0]), ticket('2', 2), ticket('3', 1), ticket('4', 0)];
    const capacity = { gpus: 2, maxConcurrent: 9 };
    expect(grantFor('2', tickets, capacity)).toBeNull();
    expect(grantFor('3', tickets, capacity)).toBeNull();
    expect(grantFor('4', tickets, capacity)).toEqual([]);
  });

  it('waits while as many programs run as may', () => {
    expect(grantFor('2', [ticket('1', 0, []), ticket('2', 0)], { gpus: 0, maxConcurrent: 1 })).toBeNull();
  });

  it('comes to all at once for whom there is room, to each by what there was when it was submitted', () => {
    const tickets = [ticket('1', 1, [0]), ticket('2', 2), ticket('3', 0), ticket('4', 0), ticket('5', 0)];
    expect(turnsOf(tickets)).toEqual(['3', '4']);
    const narrow = { ...ticket('3', 0), capacity: { gpus: 0, maxConcurrent: 1 } };
    expect(turnsOf(tickets.with(2, narrow))).toEqual(['4']);
  });
});
