import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountOf, addAccounts, boardWatts, carbonOf } from '../../../src/training/jobs/energy.js';
import { CpuMeter } from '../../../src/launchers/machine/energy-cpu.js';
import { GpuMeter } from '../../../src/launchers/machine/energy-gpu.js';
import type { EnergyReading, JobUsage } from '../../../src/launchers/port/launcher.js';

const PATH = process.env['PATH'] ?? '';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weftline-energy-'));
});
afterEach(() => {
  process.env['PATH'] = PATH;
  rmSync(folder, { recursive: true, force: true });
});

/** Puts a program of this text in the place of nvidia-smi. */
function fakeNvidiaSmi(script: string): void {
  writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  process.env['PATH'] = `${folder}${delimiter}${PATH}`;
}

describe('the energy of GPUs', () => {
  const MODEL = 'NVIDIA H100 80GB HBM3';
  /** Answers with what the file holds as energy of two cards, and only to a question about just these. */
  const COUNTS = `case "$*" in *--id=0,1*total_energy_consumption*) ;; *) exit 6 ;; esac
    read one two < \${0%/*}/counters; echo "0, ${MODEL}, 310.20, $one"; echo "1, ${MODEL}, 305.00, $two"`;

  it('is the difference of the counters of the cards', async () => {
    fakeNvidiaSmi(COUNTS);
    writeFileSync(join(folder, 'counters'), '1000000 5000\n');
    const meter = await GpuMeter.start([0, 1]);
    writeFileSync(join(folder, 'counters'), '1250000 105000\n');
    expect(await meter.stop()).toEqual({ joules: 350, coverage: 1, model: MODEL, note: null });
  });

  it('is not known when a counter went backwards, and is not 0', async () => {
    fakeNvidiaSmi(COUNTS);
    writeFileSync(join(folder, 'counters'), '1000000 5000\n');
    const meter = await GpuMeter.start([0, 1]);
    writeFileSync(join(folder, 'counters'), '5 105000\n');
    expect(await meter.stop()).toMatchObject({ joules: null, note: expect.stringContaining('backwards') as string });
  });

  it('is the power over time where cards have no counter, with the share of the time that was seen', async () => {
    fakeNvidiaSmi(`case "$*" in *total_energy*) exit 2 ;;
      *loop*) while :; do echo "0, 200.00"; sleep 0.2; done ;;
      *) echo "0, Tesla T4, 200.00" ;; esac`);
    const meter = await GpuMeter.start([0]);
    await delay(2_000);
    const { joules, coverage, model } = await meter.stop();
    expect(model).toBe('Tesla T4');
    expect(coverage).toBeGreaterThan(0.2);
    expect(coverage).toBeLessThanOrEqual(1);
    expect((joules ?? 0) / coverage).toBeGreaterThan(300);
  });

  it.each([
    ['there is no nvidia-smi', null, /could not be asked/],
    ['the driver does not answer', 'echo "NVIDIA-SMI has failed" >&2; exit 9', /could not be asked/],
    ['the cards tell nothing', 'echo "0, GRID V100D, [N/A], [N/A]"', /neither an energy counter nor their power/],
    ['another number of cards answers', 'echo "0, T4, 1, 1"; echo "1, T4, 1, 1"', /2 card\(s\), 1 were given/],
  ])('is null with the reason when %s', async (_, script, why) => {
    if (script === null) process.env['PATH'] = folder;
    else fakeNvidiaSmi(script);
    const reading = await (await GpuMeter.start([0])).stop();
    expect(reading).toMatchObject({ joules: null, coverage: 0 });
    expect(reading.note).toMatch(why);
  });
});

describe('the energy of processors', () => {
  const RANGE = 262_143_328_850;

  function zone(name: string, label: string, energy: number): void {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'name'), `${label}\n`);
    writeFileSync(join(folder, name, 'max_energy_range_uj'), `${RANGE}\n`);
    writeFileSync(join(folder, name, 'energy_uj'), `${energy}\n`);
  }
  const machine = (ticks: number): void =>
    writeFileSync(join(folder, 'stat'), `cpu  ${ticks} 0 0 999999 5 0 0 0 0 0\ncpu0 1 2 3\n`);
  const meterHere = (): CpuMeter => new CpuMeter({ powercap: folder, procStat: join(folder, 'stat') });

  it('is the share of the program in what the packages took, also when a counter ran over', () => {
    zone('intel-rapl:0', 'package-0', RANGE - 40_000_000);
    zone('intel-rapl:1', 'package-1', 1_000_000);
    zone('intel-rapl:0:0', 'core', 0);
    zone('intel-rapl:2', 'psys', 0);
    machine(1_000);
    const meter = meterHere();
    zone('intel-rapl:0', 'package-0', 20_000_000);
    zone('intel-rapl:1', 'package-1', 41_000_000);
    zone('intel-rapl:2', 'psys', 900_000_000);
    // 8 s of all processors meanwhile, 2 of them of the program.
    machine(1_800);
    const reading = meter.stop(2);
    expect(reading.joules).toBeCloseTo(25, 6);
    expect(reading).toMatchObject({ coverage: 1, note: expect.stringContaining('25 %') as string });
  });

  it('counts every time a counter runs over', () => {
    zone('intel-rapl:0', 'package-0', RANGE - 1_000_000);
    machine(0);
    const meter = meterHere();
    zone('intel-rapl:0', 'package-0', 1_000_000);
    meter.sample();
    zone('intel-rapl:0', 'package-0', 500_000);
    machine(100);
    expect(meter.stop(1).joules).toBeCloseTo(2 + RANGE / 1e6 - 0.5, 3);
  });

  it('is null with the reason when there is no RAPL, or nobody knows the share', () => {
    expect(new CpuMeter({ powercap: join(folder, 'none'), procStat: '/proc/stat' }).stop(1)).toMatchObject({
      ...{ joules: null, coverage: 0, note: 'This machine has no RAPL.' },
    });
    zone('intel-rapl:0', 'package-0', 1);
    machine(1);
    expect(meterHere().stop(null)).toMatchObject({ joules: null });
  });
});

describe('what is known of the energy of a job', () => {
  const reading = (joules: number | null, coverage: number, more: Partial<EnergyReading> = {}): EnergyReading => ({
    ...{ joules, coverage, model: null, note: joules === null ? 'Not there.' : null },
    ...more,
  });
  const usage = (more: Partial<JobUsage>): JobUsage => ({
    gpuSeconds: 0,
    cpuSeconds: 10,
    maxMemoryBytes: null,
    ...more,
  });

  it('is measured where it can be', () => {
    const both = { gpu: reading(900, 0.9), cpu: reading(50, 1) };
    expect(accountOf(usage({ gpuSeconds: 10, energy: both }), null)).toMatchObject({
      ...{ joules: 1050, method: 'NVML', coverage: 0.9 },
    });
    const cpu = { gpu: reading(null, 0), cpu: reading(50, 1) };
    expect(accountOf(usage({ energy: cpu }), null)).toMatchObject({ joules: 50, method: 'RAPL', coverage: 1 });
  });

  it('is estimated else, by the board as the driver or the job names it', () => {
    const none = { gpu: reading(null, 0, { model: 'NVIDIA H100 PCIe' }), cpu: reading(null, 0) };
    expect(accountOf(usage({ gpuSeconds: 10, energy: none }), 'a100')).toMatchObject({
      ...{ joules: 3550, method: 'ESTIMATE', coverage: 0 },
    });
    expect(accountOf(usage({ gpuSeconds: 10 }), 'a100')).toMatchObject({ joules: 4050, method: 'ESTIMATE' });
    expect(accountOf(usage({}), null)).toMatchObject({ joules: 50, method: 'ESTIMATE', coverage: 0 });
  });

  it('is null with the reason when it cannot be known, never 0', () => {
    const unknown = accountOf(usage({ gpuSeconds: 10 }), null);
    expect(unknown).toMatchObject({ joules: null, method: null, note: expect.stringContaining('gpuType') as string });
    expect(accountOf(usage({ cpuSeconds: null }), null)).toMatchObject({ joules: null });
    const known = accountOf(usage({}), null);
    expect(addAccounts(known, unknown)).toMatchObject({ joules: null, coverage: 0 });
    expect(addAccounts(known, known).joules).toBe(100);
  });

  it('is what the accounting of the engine counted of the whole, where the runner measured nothing', () => {
    const none = { gpu: reading(null, 0), cpu: reading(null, 0) };
    const accounted = reading(800, 0.8, { note: 'Of the node.' });
    const whole = { joules: 1000, method: 'SLURM', coverage: 0.8, note: 'Of the node.' };
    expect(accountOf(usage({ gpuSeconds: 10, energy: none }), 'h100', accounted)).toEqual(whole);
    expect(accountOf(usage({ cpuSeconds: null }), null, accounted)).toEqual(whole);
    const runner = { ...none, cpu: reading(50, 1) };
    expect(accountOf(usage({ energy: runner }), null, accounted)).toMatchObject({ joules: 50, method: 'RAPL' });
  });

  it('says beside an estimate, or beside nothing, why the accounting of the engine could not tell', () => {
    const accounted = reading(null, 0, { note: 'Its accounting is away.' });
    const estimate = accountOf(usage({ gpuSeconds: 10 }), 'h100', accounted);
    expect(estimate).toMatchObject({ joules: 7050, method: 'ESTIMATE', coverage: 0 });
    expect(estimate.note).toMatch(/^Nobody measured its GPUs\..*Its accounting is away\.$/);
    const unknown = accountOf(usage({ cpuSeconds: null }), null, accounted);
    expect(unknown).toMatchObject({ joules: null, method: null });
    expect(unknown.note).toContain('Its accounting is away.');
  });

  it('tells boards apart by the more exact name, and carbon by the grid', () => {
    expect(['NVIDIA H100 NVL', 'h100', 'NVIDIA L4', 'NVIDIA L40S', 'abacus', null].map(boardWatts)).toEqual([
      ...[400, 700, 72, 350, null, null],
    ]);
    expect(carbonOf(3.6e6, 380)).toBe(380);
    expect(carbonOf(null, 380)).toBeNull();
    expect(carbonOf(1, null)).toBeNull();
  });
});
