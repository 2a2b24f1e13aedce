/**
 * Slurm as an engine. Its names are not unique: a task is looked for before it is submitted, `singleton` keeps two of
 * one name from running together, and the runner's claim keeps the second from doing anything.
 */
import type { Engine, EngineListing, EngineSubmitted, EngineTask, EngineView, TaskRef } from '../engine/engine.js';
import { isAttemptName } from '../port/attempt-name.js';
import { messageOf } from '../machine/errno.js';
import type { EnergyReading, LauncherCapabilities } from '../port/launcher.js';
import { isRefusedRecord, type SlurmAccess, type SlurmJob, type SlurmJobLine } from './access.js';
import { SlurmCli } from './cli.js';
import { energyInAccounts } from './energy.js';
import { explainRefusal, requestOf } from './request.js';
import { SlurmRest } from './rest.js';
import type { SlurmSettings } from './settings.js';
import { isOverInSlurm, viewOf } from './state.js';
import { tokensOf } from './token.js';

/** The engine for settings that `slurmSettings` has checked. Opens nothing yet. */
export function openSlurm(settings: SlurmSettings): Engine {
  return new SlurmEngine(accessOf(settings), settings);
}

function accessOf({ rest, cli, timeoutSeconds }: SlurmSettings): SlurmAccess {
  if (rest !== undefined) return new SlurmRest(rest, tokensOf(rest, timeoutSeconds), timeoutSeconds);
  return new SlurmCli(cli ?? {}, timeoutSeconds);
}

class SlurmEngine implements Engine {
  readonly kind = 'slurm';

  constructor(
    private readonly access: SlurmAccess,
    private readonly settings: SlurmSettings,
  ) {}

  async probe(): Promise<LauncherCapabilities> {
    const images: string[] = [];
    try {
      const gpus = countGpus(await this.access.gres(), this.settings.gres);
      return { gpus, images, ...(await this.offerQueues()) };
    } catch (error) {
      return { available: false, message: messageOf(error), gpus: null, images };
    }
  }

  async submit(task: EngineTask): Promise<EngineSubmitted> {
    const there = await this.find(task.name);
    if (there !== null) return { outcome: 'accepted', id: there, adopted: true };
    if (task.spec.image !== null) {
      const message = `The job asks for the image "${task.spec.image}", but Slurm runs programs of its nodes, no images. Leave the image out, or choose another launcher.`;
      return { outcome: 'rejected', code: 'NO_IMAGES', message };
    }
    const request = requestOf(task, this.settings);
    const submitted = await this.access.submit(request);
    if (submitted.id !== null) return { outcome: 'accepted', id: submitted.id, adopted: false };
    const message = await explainRefusal(submitted, { request, gpus: task.spec.resources.gpus }, this.access);
    return { outcome: 'rejected', code: submitted.code === null ? 'SLURM' : `SLURM_${submitted.code}`, message };
  }

  async find(name: string): Promise<string | null> {
    const known = (await this.access.jobs(name)).filter((job) => !isRefusedRecord(job));
    // The first one has the claim of the run.
    const first = known.sort(byId)[0] ?? (await this.access.accounted(name)).find((job) => !isRefusedRecord(job));
    return first?.id ?? null;
  }

  async look(task: TaskRef): Promise<EngineView | null> {
    const job = await this.jobOf(task);
    if (job === null) return null;
    const twin = job.state === 'PENDING' && job.reason === 'Dependency' ? await this.twinOf(task) : null;
    return viewOf(twin ?? job);
  }

  async stop(task: TaskRef): Promise<void> {
    // All of the name: an answer that was lost may have left a second one, which would start when the first is stopped.
    const open = (await this.access.jobs(task.name)).filter((job) => !isOverInSlurm(job.state));
    for (const job of open.sort(byId).reverse()) await this.access.cancel(job.id);
  }

  async list(): Promise<EngineListing[]> {
    const jobs = (await this.access.jobs()).filter((job) => isAttemptName(job.name) && !isRefusedRecord(job));
    return jobs.map(({ id, name, state }) => ({ id, name, over: isOverInSlurm(state) }));
  }

  async accountedEnergy(task: TaskRef, ranSeconds: number | null): Promise<EnergyReading> {
    return await energyInAccounts(this.access, task, ranSeconds);
  }

  /** Partitions are a courtesy: a Slurm that does not tell them is given jobs all the same, and may refuse them then. */
  private async offerQueues(): Promise<Pick<LauncherCapabilities, 'available' | 'message' | 'queues'>> {
    const { partition } = this.settings;
    let queues: string[];
    try {
      queues = await this.access.partitions();
    } catch (error) {
      return { available: true, message: `Slurm did not tell its partitions: ${messageOf(error)}` };
    }
    if (partition === undefined || queues.includes(partition)) return { available: true, message: null, queues };
    const message = `Slurm has no partition "${partition}", which the settings name. It has: ${queues.join(', ')}.`;
    return { available: false, message, queues };
  }

  /** After a reset of its state Slurm gives ids anew: one of another name is not ours. */
  private async jobOf({ id, name }: TaskRef): Promise<SlurmJob | null> {
    const job = await this.access.job(id);
    if (job?.name === name) return job;
    return (await this.access.accounted(name)).find((kept) => kept.id === id) ?? null;
  }

  /** The job of the same name that runs while this one waits for it; null when there is none. */
  private async twinOf({ id, name }: TaskRef): Promise<SlurmJob | null> {
    const others = (await this.access.jobs(name)).filter((job) => job.id !== id && !isOverInSlurm(job.state));
    const twin = others.find((job) => job.state !== 'PENDING');
    return twin ? await this.access.job(twin.id) : null;
  }
}

function byId(one: SlurmJobLine, other: SlurmJobLine): number {
  return Number(one.id) - Number(other.id);
}

/** "gpu:a100:4(S:0-1),gpu:v100:2" has 6 of "gpu" and 4 of "gpu:a100". */
function countGpus(lines: readonly string[], wanted: string): number {
  const parts = lines.flatMap((line) => line.replaceAll(/\([^()]*\)/g, '').split(','));
  const counts = parts.map((part) => {
    const count = /:(\d+)$/.exec(part)?.[1] ?? '1';
    const kind = part.replace(/:\d+$/, '');
    return kind === wanted || kind.startsWith(`${wanted}:`) ? Number(count) : 0;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}
