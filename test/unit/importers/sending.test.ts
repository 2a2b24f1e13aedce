import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventMaker, type Outgoing } from '../../../src/importers/events/outgoing.js';
import { batchesOf, MOST_BYTES, writeEvent } from '../../../src/importers/sending/batches.js';
import { LineageDoor } from '../../../src/importers/sending/lineage-door.js';
import { sendEvents } from '../../../src/importers/sending/send-events.js';
import { LineageReceiver } from '../../support/lineage-receiver.js';

const maker = new EventMaker('urn:test');
const event = (name: string, facets = {}): Outgoing =>
  maker.dataset('2026-01-02T03:04:05Z', { namespace: 'test', name, facets });
const events = (count: number): Outgoing[] => Array.from({ length: count }, (_, at) => event(`table ${at}`));

let receiver: LineageReceiver;
let waits: number[];
let interruption: AbortController;
let door: LineageDoor;

beforeEach(async () => {
  receiver = await new LineageReceiver().start();
  waits = [];
  interruption = new AbortController();
  const wait = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  door = new LineageDoor({ server: receiver.url, token: 'secret-token', signal: interruption.signal, wait });
});

afterEach(() => receiver.stop());

const send = (all: Outgoing[]) => sendEvents(all, door, () => undefined);
const failed = (...failures: { index: number; reason: string; retriable: boolean }[]) => ({
  status: 200,
  body: { status: 'partial_success', summary: { received: 3, successful: 1, failed: 2 }, failed_events: failures },
});

describe('events are sent', () => {
  it('in their order, a hundred at a time, compressed, with the token', async () => {
    expect(await send(events(250))).toEqual({ sent: 250, refused: 0, reasons: [] });
    expect(receiver.batches).toEqual([100, 100, 50]);
    expect(receiver.events.map(({ dataset }) => dataset?.name)).toEqual(events(250).map((_, at) => `table ${at}`));
    expect(receiver.requests[0]).toMatchObject({
      path: 'POST /api/v1/lineage/batch',
      authorization: 'Bearer secret-token',
    });
  });

  it('in batches of at most 5 MB, whatever their letters weigh', async () => {
    const large = Array.from({ length: 7 }, (_, at) => event(`large ${at}`, { x: { text: 'é'.repeat(600_000) } }));
    await send(large);
    expect(receiver.events).toHaveLength(7);
    expect(Math.max(...receiver.requests.map(({ bytes }) => bytes))).toBeLessThanOrEqual(MOST_BYTES);
    expect(receiver.batches).toEqual([4, 3]);
  });

  it('alone where one is too large for any batch', async () => {
    const huge = event('huge', { x: { text: 'x'.repeat(MOST_BYTES) } });
    const batches: number[] = [];
    for await (const batch of batchesOf([event('one'), huge, event('two')])) batches.push(batch.length);
    expect(batches).toEqual([1, 1, 1]);
  });

  it('not at all where there are none', async () => {
    expect(await send([])).toEqual({ sent: 0, refused: 0, reasons: [] });
    expect(receiver.requests).toEqual([]);
  });
});

describe('a server that is busy', () => {
  it.each([429, 502, 503, 504])('is asked again after a while: %s', async (status) => {
    receiver.replies.push({ status, headers: { 'retry-after': '7' } }, { status });
    expect(await send(events(2))).toMatchObject({ sent: 2, refused: 0 });
    expect(waits).toEqual([7_000, 1_000]);
    expect(receiver.events).toHaveLength(2);
  });

  it('names a time, and is asked then', async () => {
    receiver.replies.push({ status: 429, headers: { 'retry-after': new Date(Date.now() - 1_000).toUTCString() } });
    await send(events(1));
    expect(waits).toEqual([0]);
  });

  it('never keeps an import waiting for longer than a minute at a time', async () => {
    receiver.replies.push({ status: 429, headers: { 'retry-after': '86400' } });
    await send(events(1));
    expect(waits).toEqual([60_000]);
  });

  it('is given up on after six times', async () => {
    receiver.replies.push(...Array.from({ length: 10 }, () => ({ status: 503 })));
    await expect(send(events(1))).rejects.toThrow(/takes nothing now \(503\).*6 times/);
    expect(receiver.requests).toHaveLength(6);
  });

  it('is not waited for once the import is interrupted', async () => {
    receiver.replies.push({ status: 503 }, { status: 503 });
    const stopped = new LineageDoor({
      server: receiver.url,
      token: 't',
      signal: interruption.signal,
      wait: () => {
        interruption.abort(new Error('Interrupted.'));
        return Promise.resolve();
      },
    });
    await expect(stopped.send([writeEvent(event('one'))])).rejects.toThrow('Interrupted.');
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('what a server refuses', () => {
  it('is told by what it is about, and the rest is taken', async () => {
    receiver.replies.push(failed({ index: 1, reason: 'the namespace is not yours', retriable: false }));
    expect(await send(events(3))).toEqual({
      sent: 3,
      refused: 1,
      reasons: ['the data set table 1: the namespace is not yours'],
    });
    expect(waits).toEqual([]);
  });

  it('for now is sent again, alone', async () => {
    const later = { index: 2, reason: 'busy', retriable: true };
    receiver.replies.push(failed({ index: 0, reason: 'never', retriable: false }, later));
    expect(await send(events(3))).toEqual({ sent: 3, refused: 1, reasons: ['the data set table 0: never'] });
    expect(receiver.batches).toEqual([3, 1]);
    expect(receiver.events.at(-1)?.dataset?.name).toBe('table 2');
  });

  it('for now again and again is told as refused in the end', async () => {
    receiver.replies.push(...Array.from({ length: 6 }, () => failed({ index: 0, reason: 'busy', retriable: true })));
    expect(await send(events(1))).toEqual({ sent: 1, refused: 1, reasons: ['the data set table 0: busy'] });
    expect(receiver.requests).toHaveLength(6);
  });

  it('is counted whole, and told in part', async () => {
    const all = Array.from({ length: 60 }, (_, index) => ({ index, reason: 'no', retriable: false }));
    receiver.replies.push(failed(...all));
    const { refused, reasons } = await send(events(100));
    expect([refused, reasons.length]).toEqual([60, 20]);
  });

  it.each([
    [{ status: 401 }, /does not know this token/],
    [{ status: 403, body: { errors: [{ message: 'Its scope is read.' }] } }, /refused \(403\): Its scope is read\./],
    [{ status: 400, body: { message: 'Not so.' } }, /refused \(400\): Not so\./],
    [{ status: 500, body: 'x' }, /refused \(500\): it did not say why/],
    [{ status: 404 }, /takes no OpenLineage events/],
    [{ status: 200, body: { failed_events: 'all' } }, /no answer of OpenLineage/],
    [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, /cannot be reached/],
  ])('as a whole is told: %j', async (reply, told) => {
    receiver.replies.push(...Array.from({ length: 6 }, () => reply));
    const fault = await send(events(1)).catch((error: unknown) => error);
    expect(String(fault)).toMatch(told);
    expect(String(fault)).not.toContain('secret-token');
  });

  it('and that is not there is told after some tries', async () => {
    await receiver.stop();
    await expect(send(events(1))).rejects.toThrow(/cannot be reached: .*6 times/);
    receiver = await new LineageReceiver().start();
  });
});
