import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { launch, LEAVES_A_MODEL, node, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const COMMAND = node(LEAVES_A_MODEL);
const PLAN = `query ($input: LaunchTrainingInput!) { planTraining(input: $input) {
  accepted reasons { rule message asset { id } } launcher { name kind available message } passedOver { name } queue team { id }
  quotas { quota { runningGpus } before { runningGpus leftGpus reservedGpuHours } after { runningGpus leftGpus reservedGpuHours } }
  inputBytes inputsOfUnknownSize job { id } } }`;

interface Plan {
  accepted: boolean;
  reasons: { rule: string; asset: { id: string } | null }[];
  launcher: { name: string; kind: string; available: boolean; message: string | null };
  quotas: { after: { leftGpus: number | null } }[];
  inputBytes: number | null;
  inputsOfUnknownSize: number;
  job: { id: string } | null;
}

let server: TestWeftline;
beforeAll(async () => {
  server = await startTestWeftline({ environment: { WEFTLINE_LOCAL_GPUS: '4' } });
});
afterAll(() => server.stop());

async function plan(as: Client, input: Record<string, unknown>): Promise<Plan> {
  return (await as.data<{ planTraining: Plan }>(PLAN, { input })).planTraining;
}

describe('a plan of a training', () => {
  it('tells what would be accepted, and writes nothing', async () => {
    const bench = await Workbench.open(server, 'planned');
    const team = await server.team(bench.owner);
    const admin = await server.user({ role: 'ADMIN' });
    await admin.data('mutation ($input: SetQuotaInput!) { setQuota(input: $input) { quota { period } } }', {
      input: { team, runningGpus: 3, gpuHours: 10 },
    });
    const sized = await bench.seed.datasetVersion(bench.data.id, 'sized', { bytes: 5_000_000_000 });
    const order = bench.order(COMMAND, { inputs: [sized], resources: { gpus: 2 }, timeoutSeconds: 3600 });
    server.statements.length = 0;
    const planned = await plan(bench.owner, order);
    expect(server.statements.filter((name) => /lock|create|write|record/i.test(name))).toEqual([]);
    expect(planned).toMatchObject({
      ...{ accepted: true, reasons: [], passedOver: [], queue: null, team: { id: team }, job: null },
      launcher: { kind: 'local', available: true, message: null },
      quotas: [
        {
          quota: { runningGpus: 3 },
          before: { runningGpus: 0, leftGpus: 3, reservedGpuHours: 0 },
          after: { runningGpus: 2, leftGpus: 1, reservedGpuHours: 2 },
        },
      ],
      ...{ inputBytes: 5_000_000_000, inputsOfUnknownSize: 0 },
    });
    const { id } = await launch(bench.owner, order);
    expect(await plan(bench.owner, order)).toMatchObject({
      ...{ accepted: true, job: { id } },
      quotas: [{ before: { leftGpus: 1 }, after: { leftGpus: 1 } }],
    });
    expect(await plan(bench.owner, { ...order, purpose: 'another' })).toMatchObject({ accepted: false, job: { id } });
    const next = await plan(bench.owner, { ...order, idempotencyKey: 'next' });
    expect(next).toMatchObject({ accepted: false, reasons: [{ rule: 'QUOTA', asset: null }] });
    expect(next.quotas[0]?.after.leftGpus).toBe(0);
  });

  it('lists all denials, as the launch does', async () => {
    const [bench, other] = [await Workbench.open(server, 'plan-own'), await Workbench.open(server, 'plan-other')];
    const order = bench.order(COMMAND, { inputs: [bench.version, other.version], output: other.model.id });
    const planned = await plan(bench.owner, order);
    const launched = await launch(bench.owner, order);
    expect(planned.accepted).toBe(false);
    expect(planned.reasons.map(({ rule, asset }) => [rule, asset?.id])).toEqual([
      ['ACTION_NOT_GRANTED', other.model.id],
      ['ACTION_NOT_GRANTED', other.data.id],
    ]);
    expect(launched.reasons).toEqual(planned.reasons);
    expect(planned).toMatchObject({ inputBytes: null, inputsOfUnknownSize: 2 });
  });

  it('says why no launcher can take it', async () => {
    const bench = await Workbench.open(server, 'plan-none');
    const planned = await plan(bench.owner, bench.order(COMMAND, { resources: { gpus: 5 } }));
    expect(planned).toMatchObject({ accepted: false, reasons: [], launcher: { available: false } });
    expect(planned.launcher.message).toMatch(/has 4 GPU.*5 were asked for/);
    expect((await launch(bench.owner, bench.order(COMMAND, { resources: { gpus: 5 } }))).__typename).toBe(
      'LauncherUnavailable',
    );
  });

  it.each([
    ['no command', { command: [] }, 'BAD_USER_INPUT'],
    ['an unknown launcher', { launcher: 'moon' }, 'BAD_USER_INPUT'],
    ['an unknown version', { inputs: ['00000000-0000-7000-8000-000000000000'] }, 'NOT_FOUND'],
  ])('fails as the launch does: %s', async (what, more, code) => {
    const bench = await Workbench.open(server, `plan-fails ${what}`);
    expect(await bench.owner.code(PLAN, { input: bench.order(COMMAND, more) })).toBe(code);
  });
});
