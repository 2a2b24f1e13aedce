import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { LAUNCH, launch, type LaunchAnswer, LEAVES_A_MODEL, node, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const COMMAND = node(LEAVES_A_MODEL);
const SET = `mutation ($input: SetQuotaInput!) { setQuota(input: $input) { quota {
  launcher runningGpus gpuHours period team { id } usage { from until runningGpus usedGpuHours reservedGpuHours leftGpus leftGpuHours } } } }`;
const QUOTAS = `{ quotas { launcher runningGpus gpuHours period team { id name }
  usage { from until runningGpus usedGpuHours reservedGpuHours leftGpus leftGpuHours } } }`;

interface QuotaView {
  launcher: string | null;
  runningGpus: number | null;
  gpuHours: number | null;
  period: string;
  team: { id: string; name: string };
  usage: {
    from: string;
    until: string;
    runningGpus: number;
    usedGpuHours: number;
    reservedGpuHours: number;
    leftGpus: number | null;
    leftGpuHours: number | null;
  };
}

// The worker is started by the tests that need one: the others want jobs that stay open.
let server: TestWeftline;
let admin: Client;
let launcher: string;

beforeAll(async () => {
  server = await startTestWeftline({ environment: { WEFTLINE_LOCAL_GPUS: '8' } });
  admin = await server.user({ role: 'ADMIN' });
  const { launchers } = await admin.data<{ launchers: { name: string }[] }>('{ launchers { name } }');
  launcher = launchers[0]?.name ?? '';
});
afterAll(async () => {
  await server.weftline.runner.stop();
  await server.stop();
});

async function setQuota(team: string, input: Record<string, unknown>): Promise<QuotaView | null> {
  return (await admin.data<{ setQuota: { quota: QuotaView | null } }>(SET, { input: { team, ...input } })).setQuota
    .quota;
}

async function quotasOf(client: Client): Promise<QuotaView[]> {
  return (await client.data<{ quotas: QuotaView[] }>(QUOTAS)).quotas;
}

/** A bench whose owner is in a team with these quotas. */
async function benchOf(
  name: string,
  ...quotas: Record<string, unknown>[]
): Promise<{ bench: Workbench; team: string }> {
  const bench = await Workbench.open(server, name);
  const team = await server.team(bench.owner);
  for (const quota of quotas) await setQuota(team, quota);
  return { bench, team };
}

function start(bench: Workbench, gpus: number, more: Record<string, unknown> = {}): Promise<LaunchAnswer> {
  return launch(bench.owner, bench.order(COMMAND, { resources: { gpus }, ...more }));
}

describe('a quota', () => {
  it('is set by an ADMIN, audited, and seen by its team, by who reads everything, and by nobody else', async () => {
    const { bench, team } = await benchOf('seen');
    const quota = { runningGpus: 4, gpuHours: 100, period: 'WEEK' };
    expect(await setQuota(team, quota)).toMatchObject({ ...quota, launcher: null, usage: { leftGpus: 4 } });
    expect(await quotasOf(bench.owner)).toMatchObject([{ ...quota, team: { id: team } }]);
    const stranger = await server.user();
    const auditor = await server.user({ role: 'AUDITOR' });
    expect(await quotasOf(stranger)).toEqual([]);
    expect((await quotasOf(auditor)).some((each) => each.team.id === team)).toBe(true);
    const OF_TEAM = 'query ($id: ID!) { node(id: $id) { ... on Team { quotas { runningGpus } } } }';
    expect(await bench.owner.data(OF_TEAM, { id: team })).toEqual({ node: { quotas: [{ runningGpus: 4 }] } });
    expect(await stranger.data(OF_TEAM, { id: team })).toEqual({ node: { quotas: null } });
    expect(await bench.owner.code(SET, { input: { team, runningGpus: 9 } })).toBe('FORBIDDEN');
    await setQuota(team, { gpuHours: 50, reason: 'spring is over' });
    const audit = await admin.data(
      'query ($team: ID!) { audit(filter: { target: $team, actions: ["quota:set"] }) { nodes { before after reason } } }',
      { team },
    );
    const before = { launcher: null, ...quota };
    const after = { launcher: null, runningGpus: null, gpuHours: 50, period: 'MONTH' };
    expect(audit).toMatchObject({
      audit: {
        nodes: [
          { before, after, reason: 'spring is over' },
          { before: null, after: before },
        ],
      },
    });
  });

  it('is taken away when nothing is limited any more', async () => {
    const { bench, team } = await benchOf('taken', { runningGpus: 0 });
    expect((await start(bench, 1)).__typename).toBe('LaunchDenied');
    expect(await setQuota(team, {})).toBeNull();
    expect(await quotasOf(bench.owner)).toEqual([]);
    expect((await start(bench, 1)).__typename).toBe('TrainingJob');
  });

  it.each([
    ['an unknown team', { team: '00000000-0000-7000-8000-000000000000', runningGpus: 1 }, 'NOT_FOUND'],
    ['fewer than no GPUs', { runningGpus: -1 }, 'BAD_USER_INPUT'],
    ['fewer than no hours', { gpuHours: -0.5 }, 'BAD_USER_INPUT'],
    ['an unknown launcher', { runningGpus: 1, launcher: 'moon' }, 'BAD_USER_INPUT'],
  ])('is refused for %s', async (_, input, code) => {
    const team = await server.team(await server.user());
    expect(await admin.code(SET, { input: { team, ...input } })).toBe(code);
  });
});

describe('a quota of GPUs', () => {
  it('gives the last one to one of two launches, and the other is told so', async () => {
    const { bench } = await benchOf('last', { runningGpus: 3 });
    expect((await start(bench, 2)).__typename).toBe('TrainingJob');
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => start(bench, 1)));
    expect(answers.filter(({ __typename }) => __typename === 'TrainingJob')).toHaveLength(1);
    const denied = answers.filter(({ __typename }) => __typename === 'LaunchDenied');
    expect(denied).toHaveLength(5);
    expect(denied[0]?.reasons).toMatchObject([{ rule: 'QUOTA', asset: null }]);
    expect(denied[0]?.reasons?.[0]?.message).toMatch(/3 GPU.*3 are held.*1 were asked for, 0 are left/);
    expect((await quotasOf(bench.owner))[0]?.usage).toMatchObject({ runningGpus: 3, leftGpus: 0, leftGpuHours: null });
    // What takes no GPU is not in the way of anybody.
    expect((await start(bench, 0)).__typename).toBe('TrainingJob');
  });

  it('comes free when a job ends', async () => {
    const { bench } = await benchOf('freed', { runningGpus: 1 });
    const { id = '' } = await start(bench, 1);
    expect((await start(bench, 1)).__typename).toBe('LaunchDenied');
    await bench.cancel(id);
    server.weftline.runner.start();
    await bench.until(id, ({ state }) => state === 'CANCELLED');
    await server.weftline.runner.stop();
    expect((await start(bench, 1)).__typename).toBe('TrainingJob');
  });

  it('of one launcher is beside that of all', async () => {
    const { bench } = await benchOf('beside', { runningGpus: 5 }, { runningGpus: 2, launcher });
    const denied = await start(bench, 3);
    expect(denied.reasons?.map(({ rule }) => rule)).toEqual(['QUOTA']);
    expect(denied.reasons?.[0]?.message).toContain(`on the launcher "${launcher}"`);
    expect((await start(bench, 2)).__typename).toBe('TrainingJob');
    expect((await quotasOf(bench.owner)).map(({ usage }) => usage.leftGpus).sort()).toEqual([0, 3]);
  });

  it('is in the audit log when it was in the way', async () => {
    const { bench } = await benchOf('logged', { runningGpus: 0 });
    await start(bench, 1);
    const query = `query ($actor: ID!) { audit(filter: { actions: ["training:launch"], actor: $actor }) { nodes { outcome after } } }`;
    expect(await bench.owner.data(query, { actor: bench.owner.userId })).toEqual({
      audit: { nodes: [{ outcome: 'DENIED', after: { reasons: [{ rule: 'QUOTA', asset: null }] } }] },
    });
  });
});

describe('a quota of GPU-hours', () => {
  it('is reserved at launch, for which it needs a time limit', async () => {
    const { bench } = await benchOf('hours', { gpuHours: 3, period: 'DAY' });
    const input = bench.order(COMMAND, { resources: { gpus: 1 } });
    const error = await bench.owner.error(LAUNCH, { input });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain('`timeoutSeconds`');
    expect((await start(bench, 2, { timeoutSeconds: 3600 })).__typename).toBe('TrainingJob');
    const denied = await start(bench, 1, { timeoutSeconds: 3601 });
    const [quota] = await quotasOf(bench.owner);
    expect(quota?.usage).toMatchObject({ reservedGpuHours: 2, usedGpuHours: 0, leftGpuHours: 1, runningGpus: 2 });
    expect(denied.reasons?.[0]?.message).toMatch(/3 GPU-hours a DAY: 0 are used, 2 are reserved/);
    expect(denied.reasons?.[0]?.message).toContain(`The period ends at ${quota?.usage.until ?? ''}`);
    expect((await start(bench, 1, { timeoutSeconds: 3600 })).__typename).toBe('TrainingJob');
  });

  it('is settled by what was used when the job ends, and is whole again in the next period', async () => {
    const { bench } = await benchOf('settled', { gpuHours: 4, period: 'DAY' });
    const slow = node(`setTimeout(() => { ${LEAVES_A_MODEL} }, 300)`);
    server.weftline.runner.start();
    const job = await bench.runToEnd(slow, { resources: { gpus: 2 }, timeoutSeconds: 7200 });
    await server.weftline.runner.stop();
    expect(job).toMatchObject({ state: 'SUCCEEDED' });
    const [quota] = await quotasOf(bench.owner);
    expect(quota?.usage).toMatchObject({ reservedGpuHours: 0, runningGpus: 0 });
    expect(quota?.usage.usedGpuHours).toBeCloseTo((job.usage?.gpuSeconds ?? 0) / 3600, 9);
    expect(job.usage?.gpuSeconds).toBeGreaterThan(0.6);
    const tomorrow = await startTestWeftline({ now: () => new Date(Date.now() + 86_400_000) });
    const then = await quotasOf(await tomorrow.user({ role: 'ADMIN' }));
    await tomorrow.stop();
    expect(then.find(({ team }) => team.id === quota?.team.id)?.usage).toMatchObject({ usedGpuHours: 0 });
  });
});

describe('the team of a launch', () => {
  const TEAM = 'query ($id: ID!) { trainingJob(id: $id) { team { id } } }';

  it('is the one of the requester that has a quota, when there is exactly one', async () => {
    const { bench, team } = await benchOf('one', { runningGpus: 4 });
    await server.team(bench.owner);
    const { id } = await start(bench, 1);
    expect(await bench.owner.data(TEAM, { id })).toEqual({ trainingJob: { team: { id: team } } });
  });

  it('has to be named when several have one, and then must be one of theirs', async () => {
    const { bench, team } = await benchOf('several', { runningGpus: 4 });
    const other = await server.team(bench.owner);
    await setQuota(other, { runningGpus: 0 });
    const strangers = await server.team(await server.user());
    const order = bench.order(COMMAND, { resources: { gpus: 1 } });
    const unnamed = await bench.owner.error(LAUNCH, { input: order });
    expect(unnamed.extensions.code).toBe('BAD_USER_INPUT');
    for (const id of [team, other]) expect(unnamed.message).toContain(id);
    expect((await start(bench, 1, { team })).__typename).toBe('TrainingJob');
    expect((await start(bench, 1, { team: other })).__typename).toBe('LaunchDenied');
    for (const wrong of [strangers, bench.owner.userId])
      expect(await bench.owner.code(LAUNCH, { input: { ...order, team: wrong } })).toBe('BAD_USER_INPUT');
  });

  it('is none when none of theirs has one', async () => {
    const { bench } = await benchOf('none');
    const { id } = await start(bench, 8);
    expect(await bench.owner.data(TEAM, { id })).toEqual({ trainingJob: { team: null } });
  });
});
