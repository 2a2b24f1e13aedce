import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { USUAL_PACE } from '../../src/openlineage/outbox/outbox.js';
import type { Client } from '../support/client.js';
import { EventReceiver, faultsOfEvents } from '../support/event-receiver.js';
import { reportTo, runEvent } from '../support/openlineage-events.js';
import { Seed } from '../support/seed.js';
import { launch, LEAVES_A_MODEL, node, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const QUICK = { ...USUAL_PACE, everyMs: 50, firstWaitMs: 20, mostWaitMs: 100, answerWithinMs: 5_000 };
const TOKEN = 'very-secret-token';
const OUTGOING = `query ($destination: String, $state: OutgoingEventState) {
  outgoingEvents(destination: $destination, state: $state, first: 100) { totalCount nodes {
    id destination state about body since attempts dueAt status reason } } }`;
const RETRY = 'mutation ($input: RetryOutgoingEventsInput!) { retryOutgoingEvents(input: $input) { retried } }';
const REPORT = 'mutation ($input: ReportQualityInput!) { reportQuality(input: $input) { added } }';
const DEPLOY = `mutation ($input: DeployModelInput!) { deployModel(input: $input) { __typename ... on Release { id } } }`;

interface Outgoing {
  id: string;
  state: string;
  about: string;
  body: string;
  attempts: number;
  status: number | null;
  reason: string | null;
}

let receiver: EventReceiver;
let server: TestWeftline;
let admin: Client;
let owner: Client;
let seed: Seed;
const open: TestWeftline[] = [];
let name: string;

/** Waits until it is so; the time limit of the test ends it. */
const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 60_000, interval: 50 });

async function serverTo(destination: string, more: { runner?: boolean; pace?: Partial<typeof QUICK> } = {}) {
  const made = await startTestWeftline({
    ...(more.runner && { runner: true }),
    telling: {
      destinations: [{ name: destination, url: receiver.url, token: { value: TOKEN } }],
      pace: { ...QUICK, ...more.pace },
    },
  });
  open.push(made);
  return made;
}

/** Every test has a destination of its own: servers share the database. */
async function begin(more: Parameters<typeof serverTo>[1] = {}): Promise<void> {
  name = `to-${randomBytes(6).toString('hex')}`;
  server = await serverTo(name, more);
  [admin, owner] = [await server.user({ role: 'ADMIN' }), await server.user()];
  seed = new Seed(owner, server.namespace);
}

beforeEach(async () => {
  receiver = await new EventReceiver().start();
});
afterEach(async () => {
  receiver.letGo();
  await Promise.all(open.splice(0).map((each) => each.stop()));
  await receiver.stop();
});

let results = 0;
async function reportQuality(dataset: string, as = owner): Promise<string> {
  const assertion = `check-${(results += 1)}`;
  const measuredAt = new Date(Date.UTC(2026, 10, 1) + results * 1_000).toISOString();
  const assertions = [{ assertion, success: true, field: null, severity: 'WARN', expected: '1', observed: '1' }];
  const metrics = {
    rowCount: '7',
    fields: [{ field: 'id', nullCount: '0', min: 1, quantiles: [{ quantile: 0.5, value: 4 }] }],
  };
  await as.data(REPORT, { input: { dataset, source: 'tests', measuredAt, assertions, metrics } });
  return assertion;
}

const waiting = async (state: string | null = null): Promise<Outgoing[]> =>
  (await admin.data<{ outgoingEvents: { nodes: Outgoing[] } }>(OUTGOING, { destination: name, state })).outgoingEvents
    .nodes;

const assertionIn = (event: unknown): string | undefined =>
  (event as { dataset?: { facets: { dataQualityAssertions?: { assertions: { assertion: string }[] } } } }).dataset
    ?.facets.dataQualityAssertions?.assertions[0]?.assertion;

describe('what happens here', () => {
  it('is told to others: a training from its start to its end, with the versions it read and made', async () => {
    await begin({ runner: true });
    const bench = await Workbench.open(server, 'told');
    const job = await bench.runToEnd(node(LEAVES_A_MODEL));
    expect(job.state).toBe('SUCCEEDED');
    await until(() => expect(receiver.taken.map(({ eventType }) => eventType)).toEqual(['START', 'COMPLETE']));
    const [start, complete] = receiver.taken;
    expect(start?.run?.runId).toBe(job.run.id);
    expect(complete?.run?.runId).toBe(job.run.id);
    expect(start?.job).toMatchObject({ namespace: server.namespace, name: 'told.train' });
    expect(start?.eventTime).toBe(job.startedAt);
    expect(complete?.eventTime).toBe(job.endedAt);
    expect(start?.inputs).toMatchObject([{ name: 'told.data', facets: { version: { datasetVersion: '1' } } }]);
    expect(complete?.outputs).toMatchObject([
      {
        name: 'told.model',
        facets: {
          datasetType: { datasetType: 'MODEL' },
          version: { datasetVersion: job.modelVersion?.version },
          weftline_version: { digest: job.modelVersion?.digest },
        },
      },
    ]);
    const { weftline_gpu, weftline_energy, weftline_decision } = complete?.run?.facets ?? {};
    expect(weftline_gpu).toMatchObject({ gpus: 0, nodes: 1, gpuHours: 0 });
    expect(weftline_energy?.['coverage']).toBeDefined();
    expect(weftline_decision).toMatchObject({ action: 'training:launch', outcome: 'ALLOWED', reasons: [] });
    expect(faultsOfEvents(receiver.taken)).toEqual([]);
    expect(new Set(receiver.tokens)).toEqual(new Set([`Bearer ${TOKEN}`]));
    // What the program was told is for who may EDIT what ran.
    expect(JSON.stringify(receiver.taken)).not.toContain('node:fs');
    await until(async () => expect(await waiting()).toEqual([]));
  });

  it('is told when it fails, without the words of the program', async () => {
    await begin({ runner: true });
    const bench = await Workbench.open(server, 'failing');
    const job = await bench.runToEnd(node("console.error('secret words'); process.exit(3);"));
    expect(job.state).toBe('FAILED');
    await until(() => expect(receiver.taken.at(-1)?.eventType).toBe('FAIL'));
    expect(receiver.taken.map(({ eventType }) => eventType)).toEqual(['START', 'FAIL']);
    expect(receiver.taken[1]?.run?.facets['errorMessage']).toMatchObject({ message: job.failure?.code });
    expect(JSON.stringify(receiver.taken)).not.toContain('secret words');
    expect(faultsOfEvents(receiver.taken)).toEqual([]);
  });

  it('is told of releases, each a run of the job that serves, and of what was denied', async () => {
    await begin();
    const [model, deployment] = [await seed.model('served'), await seed.deployment('serving')];
    const [one, two] = [await seed.modelVersion(model.id, '1'), await seed.modelVersion(model.id, '2')];
    for (const modelVersion of [one, two])
      await owner.data(DEPLOY, { input: { deployment: deployment.id, modelVersion } });
    await owner.data('mutation ($input: EndReleaseInput!) { endRelease(input: $input) { release { id } } }', {
      input: { deployment: deployment.id },
    });
    const stranger = await server.user();
    await stranger.data(DEPLOY, { input: { deployment: deployment.id, modelVersion: one } });
    await until(() => expect(receiver.taken).toHaveLength(5));
    expect(receiver.taken.map(({ eventType = 'JOB' }) => eventType)).toEqual([
      ...['START', 'COMPLETE', 'START', 'COMPLETE', 'JOB'],
    ]);
    const versions = receiver.taken.map(({ inputs }) => inputs?.[0]?.facets?.['version']?.['datasetVersion']);
    expect(versions).toEqual(['1', '1', '2', '2', undefined]);
    expect(receiver.taken[0]?.job).toMatchObject({ name: 'serving', facets: { jobType: { jobType: 'SERVING' } } });
    expect(receiver.taken[4]?.job?.facets['weftline_decision']).toMatchObject({
      outcome: 'DENIED',
      action: 'model:deploy',
    });
    expect(receiver.taken[4]?.job?.facets['weftline_decision']?.['reasons']).not.toEqual([]);
    expect(faultsOfEvents(receiver.taken)).toEqual([]);
  });

  it('is told of a launch that was denied', async () => {
    await begin();
    const bench = await Workbench.open(server, 'denied');
    const stranger = await server.user();
    expect((await launch(stranger, bench.order(['true']))).__typename).toBe('LaunchDenied');
    await until(() => expect(receiver.taken).toHaveLength(1));
    expect(receiver.taken[0]?.job?.facets['weftline_decision']).toMatchObject({
      action: 'training:launch',
      outcome: 'DENIED',
    });
    expect(faultsOfEvents(receiver.taken)).toEqual([]);
  });

  it('is told of quality once, and not again when the same is reported', async () => {
    await begin();
    const data = await seed.dataset('measured', { fields: [{ name: 'id' }] });
    await reportQuality(data.id);
    results -= 1;
    await reportQuality(data.id);
    const last = await reportQuality(data.id);
    await until(() => expect(receiver.taken.map(assertionIn)).toContain(last));
    expect(receiver.taken).toHaveLength(2);
    expect(receiver.taken[0]?.dataset?.facets).toMatchObject({
      dataQualityAssertions: { assertions: [{ success: true, severity: 'warn', expected: '1', actual: '1' }] },
      dataQualityMetrics: { rowCount: 7, columnMetrics: { id: { nullCount: 0, min: 1, quantiles: { '0.5': 4 } } } },
    });
    expect(faultsOfEvents(receiver.taken)).toEqual([]);
  });

  it('is not told again of what came in as events, nor of what was refused', async () => {
    await begin();
    const data = await seed.dataset('own', { fields: [{ name: 'id' }] });
    const refused = await reportTo(server.address, owner, [
      runEvent({ namespace: server.namespace, job: 'reported', type: 'START' }),
      runEvent({ namespace: server.namespace, job: 'reported' }),
    ]);
    expect(refused).toEqual([]);
    const answer = await owner.ask(REPORT, {
      input: { dataset: data.id, source: 'tests', measuredAt: new Date().toISOString(), assertions: [] },
    });
    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    const last = await reportQuality(data.id);
    await until(() => expect(receiver.taken.map(assertionIn)).toContain(last));
    expect(receiver.taken).toHaveLength(1);
  });
});

describe('a destination', () => {
  it('that fails, has too much to do, or hangs gets each event in the end, those of one thing in their order', async () => {
    await begin({ pace: { answerWithinMs: 300 } });
    const answers = [
      { status: 500 },
      { status: 429, headers: { 'retry-after': '0' } },
      { status: 201, hold: true },
      { status: 503 },
      { status: 408 },
    ];
    receiver.answerTo = (_event, before) => answers[before] ?? null;
    const sets = [
      await seed.dataset('a', { fields: [{ name: 'id' }] }),
      await seed.dataset('b', { fields: [{ name: 'id' }] }),
    ];
    const sent: Record<string, string[]> = {};
    for (let round = 0; round < 3; round += 1)
      for (const { id, urn } of sets) (sent[urn] ??= []).push(await reportQuality(id));
    await until(async () => expect(await waiting()).toEqual([]));
    receiver.letGo();
    for (const [index, { urn }] of sets.entries()) {
      const got = receiver.taken.filter(({ dataset }) => dataset?.name === ['a', 'b'][index]).map(assertionIn);
      // What it had taken when it hung comes again: at least once.
      expect([...new Set(got)]).toEqual(expect.arrayContaining(sent[urn] ?? []));
    }
    const firstTimes = (dataset: string) => [
      ...new Set(receiver.tried.filter((event) => event.dataset?.name === dataset).map(assertionIn)),
    ];
    expect(firstTimes('a')).toEqual(sent[sets[0]?.urn ?? '']);
    expect(firstTimes('b')).toEqual(sent[sets[1]?.urn ?? '']);
  });

  it('is asked again when it says, not before', async () => {
    await begin();
    const times: number[] = [];
    receiver.answerTo = (_event, before) => {
      times.push(performance.now());
      return before === 0 ? { status: 429, headers: { 'retry-after': '1' } } : null;
    };
    await reportQuality((await seed.dataset('patient', { fields: [{ name: 'id' }] })).id);
    await until(() => expect(receiver.taken).toHaveLength(1));
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('that is away blocks nobody, and gets what waited when it is back', async () => {
    await begin();
    const data = await seed.dataset('away', { fields: [{ name: 'id' }] });
    await receiver.stop();
    const sent = [await reportQuality(data.id), await reportQuality(data.id), await reportQuality(data.id)];
    await until(async () => expect((await waiting('WAITING'))[2]?.attempts).toBeGreaterThan(0));
    const [first] = (await waiting()).reverse();
    expect(first).toMatchObject({ state: 'WAITING', status: null });
    expect(first?.reason).toContain('ECONNREFUSED');
    const metrics = await (await fetch(`${server.address}/metrics`)).text();
    expect(metrics).toContain(`weftline_outbox_waiting_events{destination="${name}"} 3`);
    expect(metrics).toMatch(new RegExp(`weftline_outbox_oldest_seconds\\{destination="${name}"\\} [0-9.e-]+`));
    expect(metrics).toContain(`weftline_outbox_attempts_total{destination="${name}",outcome="failed"}`);
    await receiver.start();
    await until(() => expect(receiver.taken.map(assertionIn)).toEqual(sent));
    await until(async () => expect(await waiting()).toEqual([]));
  });

  it('that refuses an event does not get it again, until an ADMIN says so; others go on', async () => {
    await begin();
    const data = await seed.dataset('refused', { fields: [{ name: 'id' }] });
    let refuses = true;
    receiver.answerTo = (_event, before) =>
      refuses && before === 0 && receiver.tried.length === 1
        ? { status: 403, body: `You sent ${TOKEN} to ${receiver.url}, and it is not welcome.` }
        : null;
    const [bad, good] = [await reportQuality(data.id), await reportQuality(data.id)];
    await until(() => expect(receiver.taken.map(assertionIn)).toEqual([good]));
    const refused = await waiting('REFUSED');
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ status: 403, attempts: 1, state: 'REFUSED', about: `quality of ${data.urn}` });
    expect(refused[0]?.reason).toBe('It was answered 403: You sent … to …, and it is not welcome.');
    const auditor = await server.user({ role: 'AUDITOR' });
    expect((await owner.ask(OUTGOING, { destination: name })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await auditor.data(OUTGOING, { destination: name, state: 'REFUSED' })).toMatchObject({
      outgoingEvents: { nodes: refused },
    });
    for (const other of [owner, auditor])
      expect((await other.ask(RETRY, { input: {} })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const wrong = await admin.ask(RETRY, { input: { destination: 'nowhere' } });
    expect(wrong.errors?.[0]?.message).toContain(`There is no destination nowhere. Known: ${name}.`);
    refuses = false;
    const retried = await admin.data(RETRY, { input: { events: [refused[0]?.id], destination: name } });
    expect(retried).toEqual({ retryOutgoingEvents: { retried: 1 } });
    await until(() => expect(receiver.taken.map(assertionIn)).toEqual([good, bad]));
    expect(await waiting()).toEqual([]);
  });

  it('that leads elsewhere is not followed: the token stays where it was meant for', async () => {
    await begin();
    const other = await new EventReceiver().start();
    receiver.answerTo = () => ({ status: 307, headers: { location: other.url } });
    await reportQuality((await seed.dataset('led', { fields: [{ name: 'id' }] })).id);
    await until(async () => expect((await waiting('REFUSED'))[0]?.status).toBe(307));
    expect(other.tried).toEqual([]);
    await other.stop();
  });

  it('gets the token that its file holds at the time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weftline-token-'));
    const file = join(folder, 'token');
    name = `to-${randomBytes(6).toString('hex')}`;
    server = await startTestWeftline({
      telling: { destinations: [{ name, url: receiver.url, token: { file } }], pace: QUICK },
    });
    open.push(server);
    [admin, owner] = [await server.user({ role: 'ADMIN' }), await server.user()];
    const data = await new Seed(owner, server.namespace).dataset('files', { fields: [{ name: 'id' }] });
    await reportQuality(data.id);
    await until(async () => expect((await waiting())[0]?.reason).toBe('The file of its token cannot be read: ENOENT.'));
    writeFileSync(file, 'first\n');
    await until(() => expect(receiver.tokens).toEqual(['Bearer first']));
    writeFileSync(file, 'second\n');
    await reportQuality(data.id);
    await until(() => expect(receiver.tokens).toEqual(['Bearer first', 'Bearer second']));
    rmSync(folder, { recursive: true });
  });
});

describe('servers of one graph', () => {
  it('send each event once, however many they are', async () => {
    await begin();
    await serverTo(name);
    await serverTo(name);
    const sets = await Promise.all(
      Array.from({ length: 5 }, (_, index) => seed.dataset(`many-${index}`, { fields: [{ name: 'id' }] })),
    );
    const sent: string[] = [];
    for (let round = 0; round < 6; round += 1)
      sent.push(...(await Promise.all(sets.map(({ id }) => reportQuality(id)))));
    await until(async () => expect(await waiting()).toEqual([]));
    expect(receiver.tried.map(assertionIn).sort()).toEqual(sent.sort());
  });

  it('send what one of them wrote and was killed over, after its lease', async () => {
    await begin({ pace: { leaseMs: 1_500, answerWithinMs: 60_000 } });
    let held = 0;
    // The first that sends never hears an answer, as one that is killed.
    receiver.answerTo = () => ((held += 1) === 1 ? { status: 500, hold: true } : null);
    const data = await seed.dataset('killed', { fields: [{ name: 'id' }] });
    const sent = [await reportQuality(data.id)];
    await until(() => expect(held).toBe(1));
    sent.push(await reportQuality(data.id));
    await serverTo(name);
    await until(() => expect(receiver.taken.map(assertionIn)).toEqual(sent));
    receiver.letGo();
    await until(async () => expect(await waiting()).toEqual([]));
  });

  it('find what was written before they started, and stop while an event is under way', async () => {
    await begin();
    await receiver.stop();
    const data = await seed.dataset('stopped', { fields: [{ name: 'id' }] });
    const sent = [await reportQuality(data.id), await reportQuality(data.id)];
    await open.pop()?.stop();
    await receiver.start();
    server = await serverTo(name);
    await until(() => expect(receiver.taken.map(assertionIn)).toEqual(sent));
    receiver.answerTo = () => ({ status: 201, hold: true });
    owner = await server.user();
    const another = await new Seed(owner, server.namespace).dataset('stopped-2', { fields: [{ name: 'id' }] });
    const last = await reportQuality(another.id);
    await until(() => expect(receiver.tried.map(assertionIn)).toContain(last));
    await open.pop()?.stop();
    receiver.answerTo = () => null;
    receiver.letGo();
    server = await serverTo(name);
    admin = await server.user({ role: 'ADMIN' });
    await until(async () => expect(await waiting()).toEqual([]));
    expect(receiver.taken.map(assertionIn)).toContain(last);
  });
});

describe('the schemas of its facets', () => {
  it('are given out under the addresses that events name, to anybody', async () => {
    await begin();
    const response = await fetch(`${server.address}/schema/openlineage/1-0-0/WeftlineGpuRunFacet.json`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/schema+json');
    expect(await response.json()).toMatchObject({ $id: 'urn:weftline:openlineage:1-0-0:WeftlineGpuRunFacet' });
    expect((await fetch(`${server.address}/schema/openlineage/1-0-0/Nothing.json`)).status).toBe(404);
  });
});
