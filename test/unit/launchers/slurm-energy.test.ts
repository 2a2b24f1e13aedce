import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/launchers/engine/engine.js';
import type { EnergyReading } from '../../../src/launchers/port/launcher.js';
import { LauncherUnreachable } from '../../../src/launchers/port/launcher.js';
import { openSlurm } from '../../../src/launchers/slurm/slurm.js';
import { slurmSettings } from '../../../src/launchers/slurm/settings.js';
import { SlurmDouble } from '../../support/slurm-double.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weftline-slurm-energy-'));
  await writeFile(join(folder, 'key'), 'k'.repeat(32));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const task = { id: '7', name: 'train-1' };
const energyBy = async (engine: Engine, ranSeconds: number | null = 5): Promise<EnergyReading | undefined> =>
  await engine.accountedEnergy?.(task, ranSeconds);
const counted = (joules: number, coverage = 1): object => ({
  joules,
  coverage,
  note: expect.stringContaining('for the whole node') as string,
});
const uncounted = (why: string): object => ({
  joules: null,
  coverage: 0,
  note: expect.stringContaining(why) as string,
});
const COUNTS_NONE = uncounted('may count none (AcctGatherEnergyType)');

/**
 * A time of accounting: seconds after the start of the job. What both ways answer here was recorded from Slurm 22.05.8 with
 * slurmdbd and MariaDB, in which figures were then written in the place of the zeros that a cluster without plugin has.
 */
const START = 1_795_787_330;
const clock = (seconds: number): string => new Date((START + seconds) * 1000).toISOString().slice(0, 19);

describe('the energy of a job by sacct', { concurrent: true }, () => {
  /** A Slurm whose sacct is this script. It fails for another question than that for the job. */
  async function withSacct(script: string): Promise<Engine> {
    const directory = await mkdtemp(join(folder, 'bin-'));
    const asked = '*--starttime=1970-01-01*--name=train-1*--user=weftline*--jobs=7*ConsumedEnergyRaw*';
    const file = join(directory, 'sacct');
    await writeFile(file, `#!/bin/sh\ncase "$*" in ${asked}) ;; *) exit 9 ;; esac\n${script}\n`);
    await chmod(file, 0o755);
    return openSlurm(slurmSettings.parse({ cli: { directory, user: 'weftline' } }));
  }
  const line = (part: string, joules: string, [from, to]: [number, number], state = 'COMPLETED'): string =>
    `7${part}|${joules}|${clock(from)}|${clock(to)}|${state}`;
  const printing = (...lines: string[]): Promise<Engine> => withSacct(`printf '%s\\n' '${lines.join("' '")}'`);

  it.each([
    ['that of the script, in which that of its steps is', ['', '2000'], ['.batch', '5000'], ['.0', '2000'], 5000],
    ['that of the script before that of all that ran for it', ['', '888'], ['.batch', '777'], ['.extern', '888'], 777],
    ['that of all that ran for it, where the script has none', ['', ''], ['.batch', '0'], ['.extern', '888'], 888],
    ['that of the allocation, where no step is kept', ['', '4321'], ['.batch', '0'], ['.0', '0'], 4321],
  ] as const)('is %s', async (_, first, second, third, joules) => {
    const lines = [first, second, third].map(([part, figure]) => line(part, figure, [0, 5]));
    expect(await energyBy(await printing(...lines))).toMatchObject(counted(joules));
  });

  it.each(['0', '', '18446744073709551614', '18446744073709551615', '-2', 'Unknown'])(
    'is not known, and is not 0, where it says "%s"',
    async (figure) => {
      const engine = await printing(line('', figure, [0, 5]), line('.batch', figure, [0, 5]));
      expect(await energyBy(engine)).toMatchObject(COUNTS_NONE);
    },
  );

  it('tells which share of the run was counted, where Slurm began the job anew, and takes a second for rounding', async () => {
    const engine = await printing(line('', '', [0, 4]), line('.batch', '100', [0, 4]));
    expect(await energyBy(engine, 20)).toMatchObject(counted(100, 0.25));
    expect(await energyBy(engine, 4.9)).toMatchObject(counted(100));
    expect(await energyBy(engine, null)).toMatchObject(counted(100));
  });

  it('waits a moment until accounting has heard of the end, as the runner writes its record before', async () => {
    const open = `echo '${line('', '', [0, 4], 'RUNNING')}'; echo '7.batch|0|${clock(0)}|Unknown|RUNNING'`;
    const ended = `echo '${line('', '', [0, 5], 'CANCELLED by 0')}'; echo '${line('.batch', '60', [0, 5], 'CANCELLED')}'`;
    const engine = await withSacct(
      `if [ -e "\${0%/*}/asked" ]; then ${ended}; else touch "\${0%/*}/asked"; ${open}; fi`,
    );
    expect(await energyBy(engine)).toMatchObject(counted(60));
  });

  it('does not wait long for one that does not hear of the end, or of the job', async () => {
    const since = performance.now();
    const behind = [
      await printing(line('', '0', [0, 4], 'PENDING'), line('.batch', '0', [0, 4], 'RUNNING')),
      await withSacct(''),
    ];
    const readings = await Promise.all(behind.map((engine) => energyBy(engine)));
    for (const reading of readings) expect(reading).toMatchObject(uncounted('had not heard of the end of the job'));
    expect(performance.now() - since).toBeLessThan(5_000);
  });

  it('is not known where Slurm keeps no accounts', async () => {
    const engine = await withSacct("echo 'Slurm accounting storage is disabled' >&2; exit 1");
    expect(await energyBy(engine)).toMatchObject(uncounted('keeps no accounts'));
  });

  it('cannot be asked for where slurmdbd is away, or the command is missing', async () => {
    const away = await withSacct(
      "echo 'sacct: error: Problem talking to the database: Connection refused' >&2; exit 1",
    );
    await expect(energyBy(away)).rejects.toThrow(/sacct failed and said: Problem talking.*See that slurmdbd runs/);
    const missing = openSlurm(slurmSettings.parse({ cli: { directory: join(folder, 'nowhere') } }));
    await expect(energyBy(missing)).rejects.toThrow(LauncherUnreachable);
    await expect(energyBy(missing)).rejects.toThrow(/sacct cannot be run/);
  });
});

describe('the energy of a job by slurmdb', () => {
  const PATH = '/slurmdb/v0.0.38/job/7';
  let double: SlurmDouble;
  let engine: Engine;
  beforeEach(async () => {
    double = await SlurmDouble.start();
    double.document = { paths: { '/slurm/v0.0.38/job/submit': {}, '/slurmdb/v0.0.38/jobs': {}, [PATH]: {} } };
    const rest = { url: double.url, user: 'root', keyFile: join(folder, 'key') };
    engine = openSlurm(slurmSettings.parse({ rest }));
    return () => double.stop();
  });
  const answers = (status: number, body: unknown): unknown => double.answers.set(`GET ${PATH}`, { status, body });

  const time = { elapsed: 5, start: START, end: START + 5, suspended: 0 };
  const energy = (joules: unknown): object => ({ type: 'energy', name: null, id: 3, count: joules });
  const step = (id: unknown, consumed: unknown, more: object = {}): object => ({
    ...{ state: 'COMPLETED', time, statistics: { CPU: { actual_frequency: 0 }, energy: { consumed } } },
    ...{ step: { job_id: 7, het: { component: null }, id, name: id === 0 ? 'batch' : String(id) } },
    ...{ tres: { requested: { total: [energy(consumed)] } }, ...more },
  });
  const job = (steps: object[], more: object = {}): object => ({
    ...{ job_id: 7, name: 'train-1', user: 'root', nodes: 'weft', state: { current: 'COMPLETED', reason: 'None' } },
    ...{ time, exit_code: { status: 'SUCCESS', return_code: 0 }, steps },
    ...{ tres: { allocated: [{ type: 'cpu', name: null, id: 1, count: 1 }, energy(2000)], requested: [] }, ...more },
  });

  it('is that of the script, and no sum: a step of the program may be named "batch" as well', async () => {
    answers(200, { errors: [], jobs: [job([step(0, 2000), step('batch', 5000)])] });
    expect(await energyBy(engine)).toMatchObject(counted(5000));
    answers(200, { errors: [], jobs: [job([step('batch', 0), step('extern', 888)])] });
    expect(await energyBy(engine)).toMatchObject(counted(888));
    answers(200, { errors: [], jobs: [job([step('batch', 0)])] });
    expect(await energyBy(engine)).toMatchObject(counted(2000));
  });

  it('is whole where v0.0.38 writes the low 32 bits of it', async () => {
    const tres = { requested: { total: [energy(5_000_000_000)] } };
    answers(200, { errors: [], jobs: [job([step('batch', 705_032_704, { tres })])] });
    expect(await energyBy(engine)).toMatchObject(counted(5_000_000_000));
  });

  it('is read in the shapes of later versions, by their documents', async () => {
    const number = (value: number, set = true): object => ({ set, infinite: false, number: value });
    const later = { state: ['COMPLETED'], time: { elapsed: 5, start: number(START), end: number(START + 5) } };
    const of = (...steps: object[]): object =>
      job(steps, { tres: { allocated: [] }, state: { current: ['COMPLETED'], reason: 'None' } });
    answers(200, { errors: [], jobs: [of(step('7.0', number(2), later), step('7.batch', number(5000), later))] });
    expect(await energyBy(engine)).toMatchObject(counted(5000));
    const infinite = { set: true, infinite: true, number: 5 };
    for (const unset of [number(0), number(7, false), infinite]) {
      answers(200, { errors: [], jobs: [of(step('7.batch', unset, later))] });
      expect(await energyBy(engine)).toMatchObject(COUNTS_NONE);
    }
  });

  it.each([0, null, 18_446_744_073_709_551_614n])('is not known, and is not 0, where it says %s', async (figure) => {
    // As slurmrestd writes it: JSON.stringify knows no number of that size.
    const unset = '"unset"';
    const tres = { allocated: [energy('unset')] };
    const body = JSON.stringify({ errors: [], jobs: [job([step('batch', 'unset')], { tres })] });
    answers(200, body.replaceAll(unset, String(figure)));
    expect(await energyBy(engine)).toMatchObject(COUNTS_NONE);
  });

  it('is not that of a job of another name or user', async () => {
    answers(200, { errors: [], jobs: [job([step('batch', 1)], { user: 'mallory' }), job([], { name: 'another-1' })] });
    expect(await energyBy(engine)).toMatchObject(uncounted('had not heard of the end of the job'));
  });

  it('is not asked for where slurmrestd has no slurmdb, and not known where there are no accounts', async () => {
    double.document = { paths: { '/slurm/v0.0.38/job/submit': {} } };
    expect(await energyBy(engine)).toMatchObject(uncounted('keeps no accounts'));
    expect(double.asked).toEqual([]);
  });

  it.each([
    [
      200,
      { errors: [{ error_number: 7000, error: 'Unable to connect to database' }], jobs: [] },
      /See that slurmdbd runs/,
    ],
    [500, { errors: [{ error_number: -1, error: 'Unspecified error' }] }, /could not tell and said: Unspecified error/],
    [404, 'Unable find requested URL.', /with 404 and no JSON/],
    [200, { errors: [], jobs: [job([{ steps: 1 }])] }, /in a shape not known here/],
  ])('cannot be asked for where it answers %i %j', async (status, body, words) => {
    answers(status, body);
    await expect(energyBy(engine)).rejects.toThrow(LauncherUnreachable);
    await expect(energyBy(engine)).rejects.toThrow(words);
  });

  it('is not asked for with what is no id of Slurm, which would end slurmrestd', async () => {
    await expect(engine.accountedEnergy?.({ id: 'x', name: 'x-1' }, 1)).rejects.toThrow(RangeError);
    expect(double.asked).toEqual([]);
  });
});
