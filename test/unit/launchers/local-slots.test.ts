import { describe, expect, it } from 'vitest';
import {
  type Capacity,
  type Demand,
  demandOf,
  grantFor,
  type LocalGrant,
  type Ticket,
  ticketSchema,
  turnsOf,
} from '../../../src/launchers/run-folder/slots.js';

const has = (changes: Partial<Capacity> = {}): Capacity => ({
  gpus: 2,
  maxConcurrent: 9,
  cpus: [0, 1, 4, 5],
  memoryBytes: 100,
  ...changes,
});
const ticket = (run: string, asks: Partial<Demand>, granted: Partial<LocalGrant> | null = null): Ticket => ({
  run,
  submittedAt: `2026-01-01T00:00:0${run}Z`,
  ...{ gpus: 0, cpus: 0, memoryBytes: 0, ...asks },
  capacity: has({ maxConcurrent: 3 }),
  granted: granted && { gpus: [], cpus: [], ...granted },
});
const nothing = { gpus: [], cpus: [] };

describe('the turn of a local job', () => {
  it('comes in the order of submission', () => {
    const waiting = [ticket('2', {}), ticket('1', {})];
    expect(grantFor('1', waiting, has({ maxConcurrent: 1 }))).toEqual(nothing);
    expect(grantFor('2', waiting, has({ maxConcurrent: 1 }))).toBeNull();
  });

  it('brings the lowest free GPUs and CPUs', () => {
    const tickets = [
      ticket('1', { gpus: 1 }, { gpus: [0] }),
      ticket('2', { gpus: 1, cpus: 1 }, { gpus: [2], cpus: [1] }),
      ticket('3', { gpus: 2, cpus: 2 }),
    ];
    expect(grantFor('3', tickets, has({ gpus: 4 }))).toEqual({ gpus: [1, 3], cpus: [0, 4] });
  });

  it('lets no later job take what an earlier one is gathering, but one that asks for none of it pass', () => {
    const tickets = [
      ticket('1', { gpus: 1, cpus: 1 }, { gpus: [0], cpus: [0] }),
      ticket('2', { gpus: 2 }),
      ticket('3', { gpus: 1 }),
      ticket('4', { cpus: 2 }),
      ticket('5', { cpus: 2 }),
      ticket('6', { cpus: 1 }),
      ticket('7', {}),
    ];
    const turns = tickets.map(({ run }) => grantFor(run, tickets, has()));
    expect(turns).toEqual([null, null, null, { gpus: [], cpus: [1, 4] }, null, null, nothing]);
  });

  it('waits for memory that others have reserved, while one that reserves none may pass', () => {
    const turnsAfter = (memoryBytes: number): unknown[] => {
      const tickets = [
        ticket('1', { memoryBytes: 40 }, {}),
        ticket('2', { memoryBytes }),
        ticket('3', { memoryBytes: 1 }),
        ticket('4', { cpus: 1 }),
      ];
      return tickets.slice(1).map(({ run }) => grantFor(run, tickets, has()));
    };
    expect(turnsAfter(61)).toEqual([null, null, { gpus: [], cpus: [0] }]);
    expect(turnsAfter(60)).toEqual([nothing, null, { gpus: [], cpus: [0] }]);
    expect(turnsAfter(59)).toEqual([nothing, nothing, { gpus: [], cpus: [0] }]);
  });

  it('lets a job that gathers one thing keep later ones from all it asked for', () => {
    const tickets = [
      ticket('1', { gpus: 1 }, { gpus: [0] }),
      ticket('2', { gpus: 2, cpus: 1 }),
      ticket('3', { cpus: 1 }),
    ];
    expect(grantFor('3', tickets, has())).toBeNull();
  });

  it('waits while as many programs run as may', () => {
    expect(grantFor('2', [ticket('1', {}, nothing), ticket('2', {})], has({ maxConcurrent: 1 }))).toBeNull();
  });

  it('comes to all at once for whom there is room, to each by what there was when it was submitted', () => {
    const tickets = [
      ticket('1', { gpus: 1 }, { gpus: [0] }),
      ticket('2', { gpus: 2 }),
      ticket('3', {}),
      ticket('4', {}),
      ticket('5', {}),
    ];
    expect(turnsOf(tickets)).toEqual(['3', '4']);
    expect(turnsOf(tickets.with(2, { ...ticket('3', {}), capacity: has({ maxConcurrent: 1 }) }))).toEqual(['4']);
  });
});

describe('what a job asks for', () => {
  const resources = { gpus: 1, cpus: 1.5, memoryBytes: 9 };

  it('is whole CPUs, and nothing of what is not given out', () => {
    expect(demandOf(resources, has())).toEqual({ gpus: 1, cpus: 2, memoryBytes: 9 });
    expect(demandOf({ gpus: 0, cpus: null, memoryBytes: null }, has())).toEqual({ gpus: 0, cpus: 0, memoryBytes: 0 });
    expect(demandOf(resources, has({ cpus: null, memoryBytes: null }))).toEqual({ gpus: 1, cpus: 0, memoryBytes: 0 });
  });

  it('is read from a ticket that was written before CPUs and memory were given out', () => {
    const before = { run: '1', owner: { pid: 1, start: '1', boot: '' }, submittedAt: '', gpus: 2, granted: [0, 1] };
    const read = {
      run: '1',
      submittedAt: '',
      gpus: 2,
      cpus: 0,
      memoryBytes: 0,
      capacity: null,
      granted: { gpus: [0, 1], cpus: [] },
    };
    expect(ticketSchema.parse(before)).toEqual(read);
  });
});
