import { randomBytes } from 'node:crypto';
import { attemptName } from '../../src/launchers/port/attempt-name.js';
import {
  type AttemptKey,
  type EnergyReading,
  type JobHandle,
  type JobObservation,
  type JobSpec,
  type Launcher,
  type LauncherCapabilities,
  LauncherUnreachable,
  type ListedAttempt,
  type LogPage,
  type ProgramEventPage,
  type Submitted,
} from '../../src/launchers/port/launcher.js';

export const NOTHING: JobObservation = {
  state: 'QUEUED',
  ...{ startedAt: null, endedAt: null, exitCode: null, signal: null, failure: null, output: null, usage: null },
};

export const WELL: JobObservation = {
  ...{ ...NOTHING, state: 'SUCCEEDED', exitCode: 0, usage: { gpuSeconds: 2, cpuSeconds: 1, maxMemoryBytes: 100 } },
  output: { uri: 'file:///model', digest: `sha256:${'0'.repeat(64)}`, bytes: 7, metrics: {} },
};

export function failing(
  code: NonNullable<JobObservation['failure']>['code'],
  more: Partial<JobObservation> & { retryable?: boolean } = {},
): JobObservation {
  const { retryable = true, ...seen } = more;
  return {
    ...WELL,
    output: null,
    state: 'FAILED',
    exitCode: null,
    failure: { code, message: code, retryable },
    ...seen,
  };
}

/** An engine that does as a test says: what becomes of an attempt, whether it is there at all, and whether it hangs. */
export class ScriptedLauncher implements Launcher {
  readonly kind = 'slurm';
  readonly name = `scripted-${randomBytes(6).toString('hex')}`;
  /** What becomes of an attempt. */
  script: (key: AttemptKey) => JobObservation = () => WELL;
  reports: (key: AttemptKey) => Record<string, number> = () => ({});
  /** What its accounting says of the energy of an attempt that is over; null: it keeps none. Throws for one that cannot be asked. */
  accounts: (key: AttemptKey, ranSeconds: number | null) => Promise<EnergyReading | null> = () => Promise.resolve(null);
  /** What jobs may name of it, as far as it tells. */
  offers: Pick<LauncherCapabilities, 'queues' | 'images' | 'needsImage'> = {};
  mood: 'well' | 'away' | 'hanging' = 'well';
  /** Takes what is submitted, and its answer is lost. */
  losesAnswers = false;
  /** How often each attempt was handed over, by its name. */
  readonly submits = new Map<string, number>();
  readonly cancelled = new Set<string>();
  /** Names it knows that nobody handed over here. */
  strays: string[] = [];
  calls = 0;
  private readonly keys = new Map<string, AttemptKey>();

  async capabilities(): Promise<LauncherCapabilities> {
    await this.answer(undefined);
    return { available: true, message: null, gpus: null, ...this.offers };
  }

  async submit(_spec: JobSpec, key: AttemptKey): Promise<Submitted> {
    await this.answer(undefined);
    const id = attemptName(key);
    const adopted = this.keys.has(id);
    this.keys.set(id, key);
    this.submits.set(id, (this.submits.get(id) ?? 0) + 1);
    if (this.losesAnswers) throw new LauncherUnreachable('The answer was lost.');
    return { outcome: 'accepted', handle: { launcher: this.name, id }, adopted };
  }

  find(key: AttemptKey): Promise<JobHandle | null> {
    const id = attemptName(key);
    return this.answer(this.keys.has(id) ? { launcher: this.name, id } : null);
  }

  observe({ id }: JobHandle): Promise<JobObservation> {
    const seen = this.script(this.keyOf(id));
    const stopped = this.cancelled.has(id) && ['QUEUED', 'STARTING', 'RUNNING'].includes(seen.state);
    return this.answer(stopped ? failing('CANCELLED_BY_USER', { retryable: false, state: 'CANCELLED' }) : seen);
  }

  cancel({ id }: JobHandle): Promise<'REQUESTED' | 'ALREADY_DONE'> {
    this.cancelled.add(id);
    return this.answer('REQUESTED');
  }

  logs(): Promise<LogPage> {
    return this.answer({ lines: [], cursor: 'end', ended: true });
  }

  events({ id }: JobHandle, { after }: { after?: string }): Promise<ProgramEventPage> {
    const reported = after === undefined ? Object.entries(this.reports(this.keyOf(id))) : [];
    const at = new Date();
    return this.answer({
      events: reported.map(([name, value]) => ({ type: 'metric', at, name, value, step: null })),
      cursor: 'end',
      invalidLines: 0,
    });
  }

  list(): Promise<ListedAttempt[]> {
    const names = [...this.keys.keys(), ...this.strays];
    return this.answer(names.map((name) => ({ name, id: `task-${name}`, over: this.isOver(name) })));
  }

  accountedEnergy({ id }: JobHandle, ranSeconds: number | null): Promise<EnergyReading | null> {
    return this.accounts(this.keyOf(id), ranSeconds);
  }

  private isOver(name: string): boolean {
    const key = this.keys.get(name);
    return key !== undefined && !['QUEUED', 'STARTING', 'RUNNING'].includes(this.script(key).state);
  }

  private keyOf(id: string): AttemptKey {
    const key = this.keys.get(id);
    if (!key) throw new Error(`Nobody submitted ${id}.`);
    return key;
  }

  private answer<T>(value: T): Promise<T> {
    this.calls += 1;
    if (this.mood === 'hanging') return new Promise(() => undefined);
    return this.mood === 'away' ? Promise.reject(new LauncherUnreachable('It is away.')) : Promise.resolve(value);
  }
}
