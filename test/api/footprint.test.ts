import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { LEAVES_A_MODEL, node, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const FOOTPRINT = `query ($of: AssetRef, $team: ID, $from: DateTime, $to: DateTime) { footprint(of: $of, team: $team, from: $from, to: $to) {
  runs measuredRuns estimatedRuns unknownRuns hiddenRuns gpuSeconds cpuSeconds energyJoules carbonGrams } }`;

interface View {
  runs: number;
  measuredRuns: number;
  estimatedRuns: number;
  unknownRuns: number;
  hiddenRuns: number;
  gpuSeconds: number;
  cpuSeconds: number;
  energyJoules: number | null;
  carbonGrams: number | null;
}

let server: TestWeftline;
beforeAll(async () => {
  server = await startTestWeftline({
    runner: true,
    environment: { WEFTLINE_LOCAL_GPUS: '2', WEFTLINE_GRID_INTENSITY: '360' },
  });
});
afterAll(() => server.stop());

async function footprint(as: Client, asked: Record<string, unknown>): Promise<View> {
  return (await as.data<{ footprint: View }>(FOOTPRINT, { ...asked })).footprint;
}

describe('a footprint', () => {
  it('adds up the runs upstream, each once though reached by many ways, and tells how far they are known', async () => {
    const bench = await Workbench.open(server, 'upstream');
    const team = await server.team(bench.owner);
    const gpu = { resources: { gpus: 1, gpuType: 'H100' }, team };
    const base = await bench.runToEnd(node(LEAVES_A_MODEL), gpu);
    const baseVersion = base.modelVersion?.id ?? '';
    // Two runs upon the same base, and one upon both of them: the base is reached in two ways.
    const [left, right] = await Promise.all(
      [1, 2].map((count) =>
        bench.runToEnd(node(`${LEAVES_A_MODEL} fs.appendFileSync(out + '/model', '${count}')`), {
          inputs: [baseVersion],
        }),
      ),
    );
    const inputs = [left?.modelVersion?.id, right?.modelVersion?.id];
    const top = await bench.runToEnd(node(LEAVES_A_MODEL), { inputs, team });
    const { id = '' } = top.modelVersion ?? {};

    const whole = await footprint(bench.owner, { of: id });
    expect(whole).toMatchObject({ runs: 4, unknownRuns: 0, hiddenRuns: 0 });
    expect(whole.measuredRuns + whole.estimatedRuns).toBe(4);
    const jobs = [base, left, right, top];
    const cpu = jobs.reduce((sum, job) => sum + (job?.usage?.cpuSeconds ?? 0), 0);
    expect(whole.cpuSeconds).toBeCloseTo(cpu, 6);
    expect(whole.gpuSeconds).toBeCloseTo(base.usage?.gpuSeconds ?? 0, 6);
    // A whole second of an H100 is 700 J by the table; on a machine with a real card it would be measured.
    expect(whole.energyJoules).toBeGreaterThan(0);
    expect(whole.carbonGrams).toBeCloseTo(((whole.energyJoules ?? 0) / 3.6e6) * 360, 9);
    expect(await footprint(bench.owner, { of: bench.model.urn })).toEqual(whole);
    expect(await footprint(bench.owner, { of: baseVersion })).toMatchObject({ runs: 1 });
    expect(await footprint(bench.owner, { of: bench.version })).toMatchObject({ runs: 0, energyJoules: 0 });
    expect(await footprint(bench.owner, { of: id, to: '2020-01-01T00:00:00Z' })).toMatchObject({ runs: 0 });

    const ofTeam = await footprint(bench.owner, { team });
    expect(ofTeam).toMatchObject({ runs: 2, gpuSeconds: whole.gpuSeconds });

    const [stranger, auditor] = [await server.user(), await server.user({ role: 'AUDITOR' })];
    await bench.owner.data(
      `mutation { updateAsset(input: { ref: "${bench.trainer.id}", visibility: RESTRICTED }) { asset { id } } }`,
    );
    expect(await footprint(stranger, { of: id })).toMatchObject({
      runs: 0,
      hiddenRuns: 4,
      gpuSeconds: 0,
      energyJoules: 0,
    });
    expect(await footprint(stranger, { team })).toMatchObject({ runs: 0, hiddenRuns: 2, gpuSeconds: 0 });
    expect(await footprint(auditor, { of: id })).toEqual(whole);
  });

  it('says of a run reported from outside that nothing is known', async () => {
    const bench = await Workbench.open(server, 'outside');
    const run = await bench.owner.data<{ startRun: { run: { id: string } } }>(
      'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }',
      { input: { transformation: bench.trainer.id, inputs: [bench.version] } },
    );
    const version = await bench.seed.modelVersion(bench.model.id);
    await bench.owner.data('mutation ($input: FinishRunInput!) { finishRun(input: $input) { run { id } } }', {
      input: { run: run.startRun.run.id, outputs: [version] },
    });
    expect(await footprint(bench.owner, { of: version })).toMatchObject({
      ...{ runs: 1, unknownRuns: 1, energyJoules: null, carbonGrams: null },
    });
  });

  it('is of one thing that is there', async () => {
    const [owner, stranger] = [await server.user(), await server.user()];
    const bench = await Workbench.open(server, 'there');
    expect(await owner.code(FOOTPRINT, {})).toBe('BAD_USER_INPUT');
    expect(await owner.code(FOOTPRINT, { of: bench.version, team: bench.version })).toBe('BAD_USER_INPUT');
    expect(await owner.code(FOOTPRINT, { team: bench.version })).toBe('NOT_FOUND');
    const secret = await bench.seed.model('there.secret', { visibility: 'RESTRICTED' });
    const hidden = await bench.seed.modelVersion(secret.id);
    for (const of of [secret.id, secret.urn, hidden]) expect(await stranger.code(FOOTPRINT, { of })).toBe('NOT_FOUND');
  });
});

describe('the usage of a job', () => {
  it('tells its energy, or why there is none, and the carbon of it', async () => {
    const bench = await Workbench.open(server, 'energy');
    const ask = `query ($id: ID!) { trainingJob(id: $id) { usage {
      gpuSeconds cpuSeconds maxMemoryBytes energyJoules energyMethod energyCoverage energyNote carbonGrams } } }`;
    interface Usage {
      trainingJob: { usage: { energyJoules: number | null; energyMethod: string | null; energyNote: string | null } };
    }
    const { id } = await bench.runToEnd(node(LEAVES_A_MODEL), { resources: { gpus: 1, gpuType: 'H100' } });
    const { usage } = (await bench.owner.data<Usage>(ask, { id })).trainingJob;
    expect(['ESTIMATE', 'NVML']).toContain(usage.energyMethod);
    expect(usage.energyJoules).toBeGreaterThan(0);
    const other = await bench.runToEnd(node(LEAVES_A_MODEL), { resources: { gpus: 1, gpuType: 'abacus' } });
    const unknown = (await bench.owner.data<Usage>(ask, { id: other.id })).trainingJob.usage;
    if (unknown.energyMethod === null) {
      expect(unknown).toMatchObject({ energyJoules: null, energyCoverage: 0, carbonGrams: null });
      expect(unknown.energyNote).toContain('"abacus"');
    }
  });
});
