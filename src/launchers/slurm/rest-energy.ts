/** Energy in what slurmrestd answers for accounting: plain numbers in v0.0.38, {set, infinite, number} in later versions. */
import { z } from 'zod';
import { LauncherUnreachable } from '../port/launcher.js';
import type { SlurmEnergy } from './access.js';
import { joulesOf } from './energy.js';
import { count, dateOf, state } from './rest-answers.js';

const time = z.object({ start: count, end: count });

const tres = z.array(z.object({ type: z.string(), count })).nullish();

const step = z.object({
  /** v0.0.38 has "batch" or 0 as id, later versions "7.batch" or "7.0". A step that srun began may be named "batch" as well. */
  step: z.object({ id: z.union([z.string(), z.number()]) }),
  state,
  time,
  statistics: z.object({ energy: z.object({ consumed: count }).nullish() }).nullish(),
  tres: z.object({ requested: z.object({ total: tres }).nullish() }).nullish(),
});

const job = z.object({
  state: z.object({ current: state }),
  time,
  tres: z.object({ allocated: tres }).nullish(),
  steps: z.array(step).nullish(),
});

/** A job of accounting, by its allocation and its steps. Throws `LauncherUnreachable` for a shape not known here. */
export function decodeEnergy(value: unknown): SlurmEnergy[] {
  const parsed = job.safeParse(value);
  if (!parsed.success) throw new LauncherUnreachable("Slurm's accounting answered in a shape not known here.");
  const { state, time, tres, steps } = parsed.data;
  return [
    { part: 'allocation', state: state.current, joules: energyIn(tres?.allocated), ...timesOf(time) },
    ...(steps ?? []).map((each) => ({
      part: String(each.step.id).split('.').at(-1) ?? '',
      state: each.state,
      joules: joulesOfStep(each),
      ...timesOf(each.time),
    })),
  ];
}

/** v0.0.38 writes what a step consumed in 32 bits: 5 GJ as 0.7 GJ. Among its resources the same figure is whole. */
function joulesOfStep({ statistics, tres }: z.infer<typeof step>): number | null {
  const whole = energyIn(tres?.requested?.total);
  return whole !== null && whole >= 2 ** 32 ? whole : joulesOf(statistics?.energy?.consumed ?? null);
}

function energyIn(resources: z.infer<typeof tres>): number | null {
  return joulesOf(resources?.find(({ type }) => type === 'energy')?.count ?? null);
}

function timesOf({ start, end }: z.infer<typeof time>): Pick<SlurmEnergy, 'startedAt' | 'endedAt'> {
  return { startedAt: dateOf(start), endedAt: dateOf(end) };
}
