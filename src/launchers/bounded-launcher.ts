import {
  type AttemptKey,
  type EnergyReading,
  type JobHandle,
  type JobObservation,
  type JobSpec,
  type Launcher,
  type LauncherCapabilities,
  type LauncherSecret,
  LauncherUnreachable,
  type ListedAttempt,
  type LogPage,
  type ProgramEventPage,
  type Submitted,
} from './port/launcher.js';
import { shortened } from './port/output-refused.js';

/** Characters of a reason, as an engine gives it: more than any of Weftline's own has. */
const MOST_SAID = 4_000;
const CALL_MS = 10_000;
const PROBE_MS = 5_000;
/** The end of a job waits for this, and for no more than a figure. */
const ENERGY_MS = 5_000;

/** A launcher whose engine may hang: who asks it waits no longer than a bound, and then knows as much as if it had been away. */
export class BoundedLauncher implements Launcher {
  readonly name: string;
  readonly kind: Launcher['kind'];
  readonly secrets: readonly LauncherSecret[];

  constructor(
    private readonly launcher: Launcher,
    private readonly bounds = { callMs: CALL_MS, probeMs: PROBE_MS, energyMs: ENERGY_MS },
  ) {
    this.name = launcher.name;
    this.kind = launcher.kind;
    this.secrets = launcher.secrets ?? [];
  }

  async capabilities(): Promise<LauncherCapabilities> {
    try {
      return await this.within(this.bounds.probeMs, 'capabilities', this.launcher.capabilities());
    } catch (error) {
      if (!(error instanceof LauncherUnreachable)) throw error;
      return { available: false, message: `${error.message} Try again later, or choose another.`, gpus: null };
    }
  }

  submit(spec: JobSpec, key: AttemptKey): Promise<Submitted> {
    return this.call('submit', this.launcher.submit(spec, key));
  }

  find(key: AttemptKey): Promise<JobHandle | null> {
    return this.call('find', this.launcher.find(key));
  }

  /** What engines say may be what a program said: a message of Kubernetes ends with its log. */
  async observe(handle: JobHandle): Promise<JobObservation> {
    const seen = await this.call('observe', this.launcher.observe(handle));
    const { failure, waitingFor } = seen;
    return {
      ...seen,
      failure: failure && { ...failure, message: shortened(failure.message, MOST_SAID) },
      ...(waitingFor == null ? {} : { waitingFor: shortened(waitingFor, MOST_SAID) }),
    };
  }

  cancel(handle: JobHandle, options: { graceSeconds: number }): Promise<'REQUESTED' | 'ALREADY_DONE'> {
    return this.call('cancel', this.launcher.cancel(handle, options));
  }

  logs(handle: JobHandle, options: { after?: string; limit: number }): Promise<LogPage> {
    return this.call('logs', this.launcher.logs(handle, options));
  }

  events(handle: JobHandle, options: { after?: string; limit: number }): Promise<ProgramEventPage> {
    return this.call('events', this.launcher.events(handle, options));
  }

  list(): Promise<ListedAttempt[]> {
    return this.call('list', this.launcher.list());
  }

  async accountedEnergy(handle: JobHandle, ranSeconds: number | null): Promise<EnergyReading | null> {
    const answer = this.launcher.accountedEnergy?.(handle, ranSeconds) ?? Promise.resolve(null);
    return await this.within(this.bounds.energyMs, 'accountedEnergy', answer);
  }

  private call<T>(what: string, answer: Promise<T>): Promise<T> {
    return this.within(this.bounds.callMs, what, answer);
  }

  private async within<T>(ms: number, what: string, answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new LauncherUnreachable(`The launcher "${this.name}" did not answer "${what}" within ${ms / 1000} s.`));
      }, ms);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
