import { describe, expect, it } from 'vitest';
import type { Launcher, LauncherCapabilities } from '../../../src/training/launchers/launcher.js';
import { LauncherRegistry } from '../../../src/training/launchers/registry.js';

const launcher = (name: string, kind: Launcher['kind'], can: Partial<LauncherCapabilities> = {}): Launcher =>
  ({
    ...{ name, kind },
    capabilities: () => Promise.resolve({ available: true, message: null, gpus: 8, ...can }),
  }) as unknown as Launcher;

const local = launcher('local', 'local', { gpus: 0 });
const away = launcher('away', 'slurm', { available: false, message: 'The controller does not answer.' });
const cluster = launcher('cluster', 'kubernetes', { gpus: null });
const needs = { gpus: 0, nodes: 1, image: false };

describe('the launcher of a launch', () => {
  it.each([
    ['the first that is available', needs, 'local', 0],
    ['the first with the GPUs', { ...needs, gpus: 2 }, 'cluster', 2],
    ['the first that runs images', { ...needs, image: true }, 'cluster', 2],
  ])('is %s', async (_, asked, name, passedOver) => {
    const choice = await new LauncherRegistry([local, away, cluster]).chooseFor(null, asked);
    expect(choice).toMatchObject({ launcher: { name }, unavailable: null });
    expect(choice.passedOver).toHaveLength(passedOver);
  });

  it('is said to be none, with what each says, when none can take it', async () => {
    const choice = await new LauncherRegistry([local, away]).chooseFor(undefined, { ...needs, image: true });
    expect(choice.launcher.name).toBe('away');
    expect(choice.unavailable).toMatch(/local: .*no images.* away: The controller does not answer\./);
  });

  it('is the one that is named, whether it can take it or not', async () => {
    const choice = await new LauncherRegistry([local, away]).chooseFor('away', needs);
    expect(choice).toMatchObject({ launcher: { name: 'away' }, unavailable: 'The controller does not answer.' });
    await expect(new LauncherRegistry([local]).chooseFor('moon', needs)).rejects.toThrow('"moon"');
    await expect(new LauncherRegistry([]).chooseFor(null, needs)).rejects.toThrow('No launcher is configured.');
  });
});
