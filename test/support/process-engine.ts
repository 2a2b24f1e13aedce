/** An engine of this machine: runs tasks as processes, remembers them in memory, and does as it is told to in between. */
import { type ChildProcess, spawn } from 'node:child_process';
import type {
  Engine,
  EngineEnd,
  EngineListing,
  EngineSubmitted,
  EngineTask,
  EngineView,
  TaskRef,
} from '../../src/launchers/engine/engine.js';
import { type LauncherCapabilities, LauncherUnreachable } from '../../src/launchers/port/launcher.js';

interface Task {
  name: string;
  /** null: it is being started. */
  child: ChildProcess | null;
  startedAt: Date | null;
  end: EngineEnd | null;
}

export class ProcessEngine implements Engine {
  readonly kind = 'slurm';
  /** Why nothing is answered; null: all is. */
  outage: string | null = null;
  /** Takes the next task, and fails to say so. */
  dropsAnswer = false;
  /** The next tasks are taken, and never come to start. */
  startsNothing = false;
  readonly gpus = 2;
  private readonly tasks = new Map<string, Task>();

  probe(): Promise<LauncherCapabilities> {
    const { outage: message, gpus } = this;
    return Promise.resolve({ available: message === null, message, gpus });
  }

  submit(task: EngineTask): Promise<EngineSubmitted> {
    return this.answer(() => {
      const id = `p-${task.name}`;
      if (this.tasks.has(id)) return { outcome: 'accepted', id, adopted: true };
      const { gpus } = task.spec.resources;
      if (gpus > this.gpus)
        return { outcome: 'rejected', code: 'TOO_MANY_GPUS', message: `It asks for ${gpus} GPUs; there are 2.` };
      this.tasks.set(id, this.begin(task));
      if (this.dropsAnswer) throw new LauncherUnreachable('The answer was lost.');
      return { outcome: 'accepted', id, adopted: false };
    });
  }

  find(name: string): Promise<string | null> {
    return this.answer(() => (this.tasks.has(`p-${name}`) ? `p-${name}` : null));
  }

  look({ id }: TaskRef): Promise<EngineView | null> {
    return this.answer(() => {
      const task = this.tasks.get(id);
      if (!task) return null;
      const { child, end, startedAt } = task;
      const open = child === null ? 'STARTING' : 'RUNNING';
      return { state: end === null ? open : 'ENDED', message: null, startedAt, end };
    });
  }

  stop({ id }: TaskRef): Promise<void> {
    return this.answer(() => {
      const task = this.tasks.get(id);
      if (task?.child === null) this.say(id, { state: 'CANCELLED', failure: null });
      else task?.child.kill('SIGTERM');
    });
  }

  list(): Promise<EngineListing[]> {
    return this.answer(() => [...this.tasks].map(([id, { name, end }]) => ({ id, name, over: end !== null })));
  }

  /** It knows nothing of the task any more; the program runs on. */
  forget(id: string): void {
    this.tasks.delete(id);
  }

  /** It takes the task for ended, whatever becomes of it. */
  say(id: string, end: Omit<EngineEnd, 'endedAt' | 'exitCode' | 'signal'>): void {
    const task = this.tasks.get(id);
    if (!task) throw new Error(`There is no task ${id}.`);
    task.child?.removeAllListeners('exit');
    task.end = { ...end, endedAt: new Date(), exitCode: null, signal: null };
  }

  /** Ends the runner as an engine does, with what the engine says of it. */
  endAs(id: string, signal: NodeJS.Signals, end: Omit<EngineEnd, 'endedAt' | 'exitCode' | 'signal'>): void {
    const task = this.tasks.get(id);
    if (!task?.child) throw new Error(`There is no task ${id} that runs.`);
    task.child.removeAllListeners('exit');
    task.child.once('exit', () => (task.end = { ...end, endedAt: new Date(), exitCode: null, signal }));
    task.child.kill(signal);
  }

  private begin(task: EngineTask): Task {
    if (this.startsNothing) return { name: task.name, child: null, startedAt: null, end: null };
    const [command = '', ...args] = task.command;
    const CUDA_VISIBLE_DEVICES = Array.from({ length: task.spec.resources.gpus }, (_, index) => index).join(',');
    const env = { PATH: process.env['PATH'], ...task.environment, CUDA_VISIBLE_DEVICES };
    const child = spawn(command, args, { detached: true, stdio: 'ignore', env });
    const begun: Task = { name: task.name, child, startedAt: new Date(), end: null };
    child.once('exit', (exitCode, signal) => (begun.end = endOf(exitCode, signal)));
    return begun;
  }

  private async answer<T>(action: () => T): Promise<T> {
    await Promise.resolve();
    if (this.outage !== null) throw new LauncherUnreachable(this.outage);
    return action();
  }
}

function endOf(exitCode: number | null, signal: string | null): EngineEnd {
  const facts = { endedAt: new Date(), exitCode, signal };
  if (exitCode === 0) return { ...facts, state: 'SUCCEEDED', failure: null };
  return { ...facts, state: 'FAILED', failure: { code: 'EXIT_CODE', message: 'It failed.', retryable: false } };
}
