import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { SealingRepository } from '../../../src/audit/sealing/sealing.repository.js';
import { Sequencer } from '../../../src/audit/sealing/sequencer.worker.js';
import type { Graph } from '../../../src/neo4j/graph.js';

const NOW = new Date('2026-11-25T12:00:00Z');

/** The sequencer over a log that holds `waiting` entries, and what it did with it. */
function sequencerOver(waiting: number, oldest: Date | null = null) {
  const state = { waiting, failing: false, looks: 0, batches: 0, logged: [] as string[] };
  const listeners: ((statements: ReadonlySet<string>) => void)[] = [];
  const graph = { onCommit: (listener: (typeof listeners)[number]) => listeners.push(listener) };
  const log = {
    hasUnsealed: () => {
      state.looks += 1;
      return state.failing ? Promise.reject(new Error('no database')) : Promise.resolve(state.waiting > 0);
    },
    sealBatch: (_origin: unknown, limit: number) => {
      if (state.failing) return Promise.reject(new Error('no database'));
      const sealed = Math.min(limit, state.waiting);
      state.waiting -= sealed;
      state.batches += 1;
      return Promise.resolve(sealed);
    },
    backlog: () => Promise.resolve({ unsealed: state.waiting, oldest }),
    head: () => Promise.resolve({ size: 5 }),
  };
  const logger = pino({}, { write: (line: string) => state.logged.push(line) });
  const sequencer = new Sequencer(graph as unknown as Graph, log as unknown as SealingRepository, {
    logger,
    now: () => NOW,
  });
  return { sequencer, state, commit: (...names: string[]) => listeners.forEach((each) => each(new Set(names))) };
}

describe('The sequencer', () => {
  it('seals what it finds at its start, in as many batches as it takes, and then only looks', async () => {
    const { sequencer, state } = sequencerOver(4_500);
    sequencer.start();
    await expect.poll(() => state.looks).toBeGreaterThan(1);
    expect([state.waiting, state.batches]).toEqual([0, 3]);
    await sequencer.stop();
  });

  it('wakes for a commit that wrote an entry, and can be started again', async () => {
    const { sequencer, state, commit } = sequencerOver(0);
    for (const expected of [1, 2]) {
      sequencer.start();
      await expect.poll(() => state.looks).toBeGreaterThan(0);
      state.waiting = 1;
      commit('catalog.update', 'audit.record');
      await expect.poll(() => state.batches).toBe(expected);
      await sequencer.stop();
    }
  });

  it('says in the log what failed, and tries again', async () => {
    const { sequencer, state } = sequencerOver(1);
    state.failing = true;
    sequencer.start();
    await expect.poll(() => state.logged.length).toBeGreaterThan(1);
    expect(state.logged[0]).toContain('The audit log could not be sealed; it is tried again.');
    state.failing = false;
    await expect.poll(() => state.waiting).toBe(0);
    await sequencer.stop();
  });

  it.each([
    [null, null],
    [60, null],
    [61, 'An entry of the audit log has waited 61 s to be sealed.'],
  ])('with an oldest entry of %s s: why not ready is %s', async (seconds, why) => {
    const oldest = seconds === null ? null : new Date(NOW.getTime() - seconds * 1000);
    const { sequencer } = sequencerOver(3, oldest);
    expect(await sequencer.whyNotReady()).toBe(why);
    expect(await sequencer.measure()).toEqual({ size: 5, unsealed: 3, lagSeconds: seconds ?? 0 });
  });
});
