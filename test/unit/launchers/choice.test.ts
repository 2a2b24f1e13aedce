import { describe, expect, it } from 'vitest';
import type { Launcher, LauncherCapabilities } from '../../../src/launchers/port/launcher.js';
import { LauncherRegistry } from '../../../src/launchers/registry.js';

const launcher = (name: string, kind: Launcher['kind'], can: Partial<LauncherCapabilities> = {}): Launcher =>
  ({
    ...{ name, kind },
    capabilities: () => Promise.resolve({ available: true, message: null, gpus: 8, ...can }),
  }) as unknown as Launcher;

const local = launcher('local', 'local', { gpus: 0, cpus: 2, memoryBytes: 1000, queues: [], images: [] });
const away = launcher('away', 'slurm', { available: false, message: 'The controller does not answer.' });
const cluster = launcher('cluster', 'kubernetes', { gpus: null });
const slurm = launcher('slurm', 'slurm', { queues: ['batch', 'long'], images: [] });
const ray = launcher('ray', 'ray', { queues: [], images: ['torch'] });
const bare = launcher('bare', 'kubernetes', { queues: ['training'], needsImage: true });
const needs = { gpus: 0, cpus: null, memoryBytes: null, nodes: 1, image: null, queue: null };

describe('the launcher of a launch', () => {
  it.each([
    ['the first that is available', needs, 'local', 0],
    ['the first with the GPUs', { ...needs, gpus: 2 }, 'cluster', 2],
    [
      'the first, with as many CPUs and as much memory as it has',
      { ...needs, cpus: 1.5, memoryBytes: 1000 },
      'local',
      0,
    ],
    ['the first with the CPUs', { ...needs, cpus: 2.5 }, 'cluster', 2],
    ['the first with the memory', { ...needs, memoryBytes: 1001 }, 'cluster', 2],
    ['the first that runs images', { ...needs, image: 'torch' }, 'cluster', 2],
    ['the first with the queue, or that cannot tell', { ...needs, queue: 'long' }, 'cluster', 2],
  ])('is %s', async (_, asked, name, passedOver) => {
    const choice = await new LauncherRegistry([local, away, cluster]).chooseFor(null, asked);
    expect(choice).toMatchObject({ launcher: { name }, unavailable: null });
    expect(choice.passedOver).toHaveLength(passedOver);
  });

  it('is said to be too small with what it has and what was asked for', async () => {
    const choice = await new LauncherRegistry([local]).chooseFor('local', { ...needs, cpus: 2.5 });
    expect(choice.unavailable).toBe('The launcher "local" has 2 CPU(s); 3 were asked for.');
  });

  it('is said to be none, with what each says, when none can take it', async () => {
    const choice = await new LauncherRegistry([local, away]).chooseFor(undefined, { ...needs, image: 'torch' });
    expect(choice).toMatchObject({ launcher: { name: 'away' }, missing: null });
    expect(choice.unavailable).toMatch(/local: .*no images.* away: The controller does not answer\./);
  });

  it.each([
    ['queue', { ...needs, queue: 'long' }, [local, ray, bare, slurm], 'slurm'],
    ['image', { ...needs, image: 'torch' }, [local, slurm, ray], 'ray'],
    ['image of its own', needs, [bare, slurm], 'slurm'],
  ])('is the first that is known to have the %s', async (_, asked, launchers, name) => {
    const choice = await new LauncherRegistry(launchers).chooseFor(null, asked);
    expect(choice).toMatchObject({ launcher: { name }, missing: null, unavailable: null });
    expect(choice.passedOver).toHaveLength(launchers.length - 1);
  });

  it('is missing something for ever when none of them has what is named', async () => {
    const asked = { ...needs, queue: 'night' };
    const { missing } = await new LauncherRegistry([local, slurm]).chooseFor(null, asked);
    expect(missing).toMatch(/^None of the launchers can take it\. local: .* has no queues\..* slurm: .*batch, long/);
    expect((await new LauncherRegistry([slurm, away]).chooseFor(null, asked)).missing).toBeNull();
  });

  it.each([
    [
      local,
      { ...needs, nodes: 2 },
      '`resources.nodes` is 2; the launcher "local" runs the program of a job on one machine.',
    ],
    [local, { ...needs, queue: 'fast' }, '`queue` is "fast", but the launcher "local" has no queues. Leave it out'],
    [slurm, { ...needs, queue: 'fast' }, '"slurm" has no such queue. It has: batch, long. Name one of them, or none.'],
    [slurm, { ...needs, image: 'torch' }, '`image` is "torch", but the launcher "slurm" runs programs of its machines'],
    [ray, { ...needs, image: 'jax' }, '"ray" has no such image. It has: torch. Name one of them, or none.'],
    [bare, needs, '`image` is missing, and the launcher "bare" has none for jobs that name none. Name one.'],
  ])('says what is missing there and what there is: %j', async ({ name }, asked, words) => {
    const choice = await new LauncherRegistry([local, slurm, ray, bare]).chooseFor(name, asked);
    expect(choice).toMatchObject({ launcher: { name }, unavailable: null });
    expect(choice.missing).toContain(words);
  });

  it('tells of many queues as many as can be read', async () => {
    const queues = Array.from({ length: 60 }, (_, number) => `q${number}`);
    const large = launcher('large', 'slurm', { queues });
    const { missing } = await new LauncherRegistry([large]).chooseFor('large', { ...needs, queue: 'q60' });
    expect(missing).toMatch(/q48, q49 and 10 more\. Name/);
  });

  it('is the one that is named, whether it can take it or not', async () => {
    const choice = await new LauncherRegistry([local, away]).chooseFor('away', needs);
    expect(choice).toMatchObject({ launcher: { name: 'away' }, unavailable: 'The controller does not answer.' });
    await expect(new LauncherRegistry([local]).chooseFor('moon', needs)).rejects.toThrow('"moon"');
    await expect(new LauncherRegistry([]).chooseFor(null, needs)).rejects.toThrow('No launcher is configured.');
  });
});
