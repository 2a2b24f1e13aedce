/** How the intake of events stands: what waits, what became of what came, and that too much of it is turned away. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { MemoryIngest } from '../support/memory-ingest.js';
import { reportTo, runEvent } from '../support/openlineage-events.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const STATUS = `{ ingestStatus { waitingEvents waitingBytes oldestWaitingSeconds mostWaitingEvents mostWaitingBytes isFull turnedAway
  eventsPerSecond sources(first: 100) { totalCount nodes { account { id } taken repeated refused lastEventTime behindSeconds } } } }`;
const MOST_BYTES = 200_000;

interface Source {
  account: { id: string };
  taken: number;
  repeated: number;
  refused: number;
  lastEventTime: string | null;
  behindSeconds: number | null;
}
interface Status {
  waitingEvents: number;
  waitingBytes: number;
  oldestWaitingSeconds: number;
  isFull: boolean;
  turnedAway: number;
  eventsPerSecond: number;
  sources: { totalCount: number; nodes: Source[] };
}

let server: TestWeftline;
let one: Client;
let other: Client;
let admin: Client;
const ingest = new MemoryIngest();

beforeAll(async () => {
  server = await startTestWeftline({ ingest, environment: { WEFTLINE_LINEAGE_QUEUE_BYTES: String(MOST_BYTES) } });
  [one, other, admin] = await Promise.all([server.user(), server.user(), server.user({ role: 'ADMIN' })]);
});
afterAll(() => server.stop());
beforeEach(() => {
  ingest.gate = () => Promise.resolve();
  ingest.outcomeOf = () => ({ ok: true });
});

const statusFor = async (client: Client): Promise<Status> =>
  (await client.data<{ ingestStatus: Status }>(STATUS)).ingestStatus;
const report = (by: Client, ...events: object[]) => reportTo(server.address, by, events);
const event = (job: string, more: object = {}) => ({ ...runEvent({ namespace: server.namespace, job }), ...more });

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${server.address}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  if (line === undefined) throw new Error(`There is no ${name} in ${text}`);
  return Number(line.slice(name.length + 1));
}

function send(by: Client, body: string): Promise<{ status: number; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${server.address}/api/v1/lineage`,
      { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${by.token ?? ''}` } },
      (response) => {
        response.resume();
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

describe('The state of the intake', () => {
  it('counts what became of events by their account, of which each sees its own and an ADMIN all', async () => {
    const eventTime = new Date(Date.now() + 3_600_000).toISOString();
    ingest.outcomeOf = (each) =>
      each.kind !== 'DATASET' && each.job.name === 'again' ? { ok: true, repeated: true } : { ok: true };
    await report(one, event('new'), event('again'), { no: 'event' });
    await report(other, event('new', { eventTime }));
    const [own, all] = [await statusFor(one), await statusFor(admin)];
    expect(own.sources).toMatchObject({
      totalCount: 1,
      nodes: [
        { account: { id: one.userId }, taken: 1, repeated: 1, refused: 1, lastEventTime: '2026-11-01T03:00:00.000Z' },
      ],
    });
    expect(own.sources.nodes[0]?.behindSeconds).toBeGreaterThan(0);
    expect(all.sources.nodes.map(({ account }) => account.id).sort()).toEqual([one.userId, other.userId].sort());
    const ahead = all.sources.nodes.find(({ account }) => account.id === other.userId);
    expect(ahead).toMatchObject({ taken: 1, lastEventTime: eventTime });
    expect(ahead?.behindSeconds).toBeLessThan(-3_000);
    expect(own.eventsPerSecond).toBeGreaterThan(0);
    expect(await metric('weftline_lineage_events_total{outcome="taken"}')).toBe(2);
    expect(await metric('weftline_lineage_events_total{outcome="refused"}')).toBe(1);
    expect((await statusFor(await server.user())).sources).toEqual({ totalCount: 0, nodes: [] });
  });

  it('tells what waits and for how long, while reads are answered', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    ingest.gate = () => opened;
    const entered = ingest.entered;
    const body = JSON.stringify(event('waits'));
    const answer = send(one, body);
    await expect.poll(() => ingest.entered).toBe(entered + 1);
    expect(await statusFor(one)).toMatchObject({
      waitingEvents: 1,
      waitingBytes: Buffer.byteLength(body),
      isFull: false,
    });
    await expect.poll(() => metric('weftline_lineage_lag_seconds')).toBeGreaterThan(0);
    expect(await metric('weftline_lineage_waiting_events')).toBe(1);
    expect(await metric('weftline_lineage_waiting_bytes')).toBe(Buffer.byteLength(body));
    open();
    expect((await answer).status).toBe(201);
    expect(await statusFor(one)).toMatchObject({ waitingEvents: 0, waitingBytes: 0, oldestWaitingSeconds: 0 });
  });

  it('turns away with 429 and Retry-After what is more than may wait, by bytes, and takes it later', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    ingest.gate = () => opened;
    const entered = ingest.entered;
    const large = (job: string): string => JSON.stringify(event(job, { filling: 'x'.repeat(MOST_BYTES * 0.6) }));
    const first = send(one, large('first'));
    await expect.poll(() => ingest.entered).toBe(entered + 1);
    const turnedAway = (await statusFor(one)).turnedAway;
    expect(await send(other, large('second'))).toEqual({ status: 429, retryAfter: '1' });
    expect((await statusFor(one)).turnedAway).toBe(turnedAway + 1);
    expect(await metric('weftline_lineage_turned_away_total')).toBe(turnedAway + 1);
    open();
    expect((await first).status).toBe(201);
    expect((await send(other, large('second'))).status).toBe(201);
    // Alone, one may be larger than all that may wait.
    expect((await send(other, JSON.stringify(event('huge', { filling: 'x'.repeat(2 * MOST_BYTES) })))).status).toBe(
      201,
    );
  });
});
