import { describe, expect, it, vi } from 'vitest';

import type { ServerState } from '../../src/neo4j/embedded/home.js';
import { superviseServer } from '../../src/neo4j/embedded/supervisor.js';
import { identifySelf } from '../../src/neo4j/embedded/process-identity.js';

const dead: ServerState = { process: { pid: process.pid, startedAt: 'never' }, port: 1, archive: null };
const alive: ServerState = { process: identifySelf(), port: 1, archive: null };
/** Of a busy machine; vitest's own is a second. */
const PATIENCE = { timeout: 60_000 };

describe('the watch over a server', () => {
  it('starts a dead server again once and leaves a living one alone', async () => {
    const revive = vi.fn(() => Promise.resolve(alive));
    const end = superviseServer({ state: dead, revive, onEvent: () => undefined, beatMs: 1 });
    await vi.waitUntil(() => revive.mock.calls.length > 0, PATIENCE);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await end();
    expect(revive).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['dies again', () => Promise.resolve(dead)],
    ['cannot be started', () => Promise.reject(new Error('No memory.'))],
  ])('gives up with an error after five failures within a minute when the server %s', async (_how, revive) => {
    const errors: string[] = [];
    const onEvent = (message: string, level: string): void => {
      if (level === 'error') errors.push(message);
    };
    const attempts = vi.fn(revive);
    const end = superviseServer({ state: dead, revive: attempts, onEvent, beatMs: 1 });
    await vi.waitUntil(() => errors.some((message) => message.includes('is not started again')), PATIENCE);
    await end();
    expect(attempts).toHaveBeenCalledTimes(4);
    expect(errors.at(-1)).toBe('Neo4j failed 5 times within a minute and is not started again.');
  });

  it('ends at once while a start is under way', async () => {
    const revive = vi.fn(
      (signal: AbortSignal) =>
        new Promise<ServerState>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('interrupted')));
        }),
    );
    const onEvent = vi.fn();
    const end = superviseServer({ state: dead, revive, onEvent, beatMs: 1 });
    await vi.waitUntil(() => revive.mock.calls.length > 0, PATIENCE);
    await end();
    expect(onEvent).not.toHaveBeenCalledWith(expect.anything(), 'error');
  });
});
