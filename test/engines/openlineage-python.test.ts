import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { EventReceiver } from '../support/event-receiver.js';
import { buildLineageWorld, type LineageWorld } from '../support/lineage-world.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const run = promisify(execFile);
const INSTALL = join(import.meta.dirname, '../../.ci/install-openlineage');
const RELAY = join(import.meta.dirname, '../support/openlineage_relay.py');

let python: string;
let direct: EventReceiver;
let relayed: EventReceiver;
let server: TestWeftline;
let world: LineageWorld;

beforeAll(async () => {
  python = join((await run(INSTALL)).stdout.trim(), 'bin/python');
  [direct, relayed] = [await new EventReceiver().start(), await new EventReceiver().start()];
  const name = `direct-${randomBytes(6).toString('hex')}`;
  server = await startTestWeftline({
    runner: true,
    telling: { destinations: [{ name, url: direct.url, token: null }], pace: { everyMs: 100 } },
  });
  world = await buildLineageWorld(server);
}, 300_000);

afterAll(async () => {
  await server.stop();
  await Promise.all([direct.stop(), relayed.stop()]);
});

/** Events as the client of Python makes them of its own classes, and sends them on. */
async function throughPython(events: readonly unknown[]): Promise<unknown[]> {
  relayed.taken.length = 0;
  const child = run(python, [RELAY, new URL(relayed.url).origin], { timeout: 120_000 });
  child.child.stdin?.end(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  expect((await child).stdout.trim()).toBe(String(events.length));
  return relayed.taken.map(withoutItsOwn);
}

/** The client says of each run which version of it sent it. */
function withoutItsOwn(event: unknown): unknown {
  const { run: said, ...rest } = event as { run?: { runId: string; facets: Record<string, unknown> } };
  if (!said) return rest;
  const { tags: _tags, ...facets } = said.facets;
  return { ...rest, run: { ...said, facets } };
}

/** The client writes out lists and objects that are empty, where events may leave them out: either says nothing. */
function withoutEmpty(said: unknown): unknown {
  if (Array.isArray(said)) return said.map(withoutEmpty);
  if (typeof said !== 'object' || said === null) return said;
  const kept = Object.entries(said).filter(
    ([, each]) => typeof each !== 'object' || each === null || Object.keys(each as object).length > 0,
  );
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutEmpty(each)]));
}

it('reads what is told of training, releases and quality, and loses nothing of it', async () => {
  // A report, two releases of which one was replaced, and a run from its start to its end.
  await vi.waitFor(() => expect(direct.taken).toHaveLength(6), { timeout: 60_000 });
  expect(withoutEmpty(await throughPython(direct.taken))).toEqual(withoutEmpty(direct.taken));
});

it('reads an export, and loses nothing of it', async () => {
  const { owner, deployment } = world;
  const response = await fetch(`${server.address}/api/v1/export/openlineage?asset=${deployment.id}`, {
    headers: { authorization: `Bearer ${owner.token ?? ''}` },
  });
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  const events = lines.map((line) => JSON.parse(line) as unknown);
  expect(events.length).toBeGreaterThan(15);
  expect(withoutEmpty(await throughPython(events))).toEqual(withoutEmpty(events));
});
