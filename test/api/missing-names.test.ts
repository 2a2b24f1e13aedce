import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineLauncher } from '../../src/launchers/engine/engine-launcher.js';
import { openSlurm } from '../../src/launchers/slurm/slurm.js';
import { slurmSettings } from '../../src/launchers/slurm/settings.js';
import { runnerCommand } from '../support/runner.js';
import { ScriptedLauncher } from '../support/scripted-launcher.js';
import { SlurmDouble } from '../support/slurm-double.js';
import { LAUNCH, launch, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const PLAN = `query ($input: LaunchTrainingInput!) { planTraining(input: $input) {
  accepted launcher { name available message } passedOver { name message } queue job { id } } }`;

interface Plan {
  accepted: boolean;
  launcher: { name: string; available: boolean; message: string | null };
  passedOver: { name: string; message: string }[];
  queue: string | null;
  job: { id: string } | null;
}

// A Slurm with the partitions batch and long, and an engine that tells nothing of what may be named.
let folder: string;
let double: SlurmDouble;
let silent: ScriptedLauncher;
let server: TestWeftline;
let bench: Workbench;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weftline-names-'));
  await writeFile(join(folder, 'key'), 'k'.repeat(32));
  double = await SlurmDouble.start();
  const rest = { url: double.url, user: 'root', keyFile: join(folder, 'key') };
  const hpc = new EngineLauncher({
    ...{ name: 'hpc', directory: join(folder, 'jobs'), runner: runnerCommand(), settleSeconds: 1, quietSeconds: 30 },
    engine: openSlurm(slurmSettings.parse({ rest, timeoutSeconds: 2 })),
  });
  silent = new ScriptedLauncher();
  server = await startTestWeftline({ launchers: [hpc, silent] });
  bench = await Workbench.open(server, 'names');
});

afterAll(async () => {
  await server.stop();
  await double.stop();
  await rm(folder, { recursive: true, force: true });
});

const order = (more: Record<string, unknown>): Record<string, unknown> => bench.order(['train'], more);

async function plan(input: Record<string, unknown>): Promise<Plan> {
  return (await bench.owner.data<{ planTraining: Plan }>(PLAN, { input })).planTraining;
}

describe('what a launcher has to name', () => {
  it('is shown: none, those there are, or that it cannot tell', async () => {
    interface Answer {
      launchers: { name: string; kind: string; queues: string[] | null }[];
    }
    const { launchers } = await bench.owner.data<Answer>('{ launchers { name kind queues } }');
    expect(launchers.find(({ kind }) => kind === 'local')?.queues).toEqual([]);
    expect(launchers.find(({ name }) => name === 'hpc')?.queues).toEqual(['batch', 'long']);
    expect(launchers.find(({ name }) => name === silent.name)?.queues).toBeNull();
  });
});

describe('a name of something that is not there', () => {
  it.each([
    ['a queue', { queue: 'night' }, [/`queue` is "night"/, /"hpc"/, /It has: batch, long\./, /Name one of them/]],
    ['an image', { image: 'docker.io/a:1' }, [/`image` is "docker.io\/a:1"/, /"hpc"/, /no images/, /Leave it out/]],
    ['an image without a name', { image: ' ' }, [/`image`/, /1 to 500/]],
    ['a secret', { secrets: { HUB: 'hub' } }, [/"hpc" has no secret "hub"/, /It has: none/]],
    ['a launcher', { launcher: 'moon' }, [/no launcher "moon"/, /hpc/]],
  ])('is told by the launch and by its plan alike: %s', async (_, named, words) => {
    const input = order({ launcher: 'hpc', ...named });
    const errors = [await bench.owner.error(LAUNCH, { input }), await bench.owner.error(PLAN, { input })];
    for (const { message, extensions } of errors) {
      expect(extensions.code).toBe('BAD_USER_INPUT');
      for (const word of words) expect(message).toMatch(word);
    }
    expect(errors[0]?.message).toBe(errors[1]?.message);
  });

  it('is left to an engine that cannot tell', async () => {
    const input = order({ launcher: silent.name, queue: 'night', image: 'docker.io/a:1' });
    expect(await plan(input)).toMatchObject({ accepted: true, queue: 'night' });
    expect((await launch(bench.owner, input)).__typename).toBe('TrainingJob');
  });

  it('does not keep a launch from being answered with its job again', async () => {
    const input = order({ launcher: silent.name, queue: 'closing' });
    const { id = '' } = await launch(bench.owner, input);
    silent.offers = { queues: ['other'] };
    expect(await bench.owner.code(LAUNCH, { input: { ...input, idempotencyKey: 'anew' } })).toBe('BAD_USER_INPUT');
    expect(await launch(bench.owner, input)).toMatchObject({ id });
    expect(await plan(input)).toMatchObject({ accepted: true, job: { id } });
    silent.offers = {};
  });
});

describe('a launch that names a queue and no launcher', () => {
  it('goes to the first launcher that has it', async () => {
    const input = order({ queue: 'long' });
    const planned = await plan(input);
    expect(planned).toMatchObject({ accepted: true, launcher: { name: 'hpc', available: true } });
    expect(planned.passedOver.map(({ message }) => message)).toEqual([expect.stringMatching(/has no queues/)]);
    const { id } = await launch(bench.owner, input);
    const { trainingJob } = await bench.owner.data<{ trainingJob: unknown }>(
      'query ($id: ID!) { trainingJob(id: $id) { launcher } }',
      { id },
    );
    expect(trainingJob).toEqual({ launcher: 'hpc' });
  });

  it('is refused with what each launcher has, where none has it', async () => {
    silent.offers = { queues: ['own'] };
    const input = order({ queue: 'night' });
    for (const operation of [LAUNCH, PLAN]) {
      const { message, extensions } = await bench.owner.error(operation, { input });
      expect(extensions.code).toBe('BAD_USER_INPUT');
      expect(message).toMatch(/^None of the launchers can take it\. .*no queues.*batch, long.*It has: own\./);
    }
    silent.offers = {};
  });
});

describe('a launcher that is away', () => {
  it('is told to be away, not to lack what it cannot be asked for', async () => {
    silent.offers = { queues: ['own'] };
    silent.mood = 'away';
    const input = order({ launcher: silent.name, queue: 'night' });
    expect(await launch(bench.owner, input)).toMatchObject({ __typename: 'LauncherUnavailable' });
    expect(await plan(input)).toMatchObject({ accepted: false, launcher: { available: false } });
    silent.mood = 'well';
    silent.offers = {};
  });
});
