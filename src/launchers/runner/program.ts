/** Runs the program of one attempt, from its start to the end of everything it started. Used by the supervisor only. */
import { setTimeout as delay } from 'node:timers/promises';
import { machineFault } from '../../disk/disk-fault.js';
import { legible } from '../files/damaged-file.js';
import { writeJson } from '../files/json-file.js';
import type { JobUser } from '../machine/job-user.js';
import type { InputCheck } from '../port/input-check.js';
import type { JobUsage } from '../port/launcher.js';
import { onceThereIsRoom, type Patience, unlessDiskFails } from './room.js';
import type { RunFolder, RunOrder } from '../run-folder/run-folder.js';
import type { LogWriter } from '../logs/log-writer.js';
import { measureOutput, TooMuchOutput } from './output-folder.js';
import { carries, isInGroup } from '../machine/proc.js';
import { killLeftovers, reapedCpuSeconds, signalGroup } from '../machine/process-group.js';
import { identifyProcess, type ProcessIdentity } from '../machine/process-identity.js';
import { ProgramMemory } from '../machine/program-memory.js';
import { groupOf, groupsFor, handOver } from './run-ownership.js';
import { startAs, startAsSelf, type StartedProgram } from '../machine/start-as.js';
import { StartFault } from '../machine/start-fault.js';
import { findTampering } from '../run-folder/tampering.js';
import type { Allocation } from '../run-folder/allocation.js';

/** Short at first, for the sake of programs that live but a moment. */
const FIRST_LOOK_MS = 20;
const LOOK_MS = 250;
const MEASURE_MS = 1000;
/** How long output of a program that has ended may still arrive: only a process that escaped keeps a pipe open. */
const DRAIN_MS = 2000;
/** How far apart two signals may arrive that were sent together. */
const TOGETHER_MS = 200;
/** What cannot be killed waits in the kernel, and gets no further. */
const MOST_LOOKS_AT_LEFTOVERS = 200;

/** Why Weftline stopped a program. */
export type StopCause = 'CANCEL' | 'RUN_LIMIT' | 'OUTPUT_LIMIT' | 'MEMORY_LIMIT' | 'TAMPERING' | 'SHUTDOWN';

interface Exit {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
}

export interface ProgramEnd extends Exit {
  startedAt: Date;
  endedAt: Date;
  /** Null when the program ended by itself. */
  stopped: StopCause | null;
  /** Output seen at the last look, in bytes; it is looked at every second or so. */
  outputBytes: number;
  /** Of what else it had left too much, in words; null: of nothing. */
  outputExcess: string | null;
  /** What was done to the records of the run, for people; null: nothing was seen. */
  tampering: string | null;
  /** The memory it used when that was too much, in bytes; null when it never was. */
  excessMemoryBytes: number | null;
  usage: JobUsage;
}

interface Surroundings {
  grant: Allocation;
  /** The process that stands by the program: this one. */
  owner: ProcessIdentity;
  environment: NodeJS.ProcessEnv;
  log: LogWriter;
  patiently: Patience;
  /** What was found of its inputs. */
  inputs: readonly InputCheck[];
}

export class Program {
  private readonly startedAt = new Date();
  private readonly startedTick = performance.now();
  private readonly exited: Promise<Exit>;
  private readonly closed: Promise<unknown>;
  private stopping: { cause: StopCause; killAt: number } | null = null;
  private outputBytes = 0;
  private outputExcess: string | null = null;
  private tampering: string | null = null;
  private excessMemoryBytes: number | null = null;
  private measureAt = 0;

  /** The listeners must be there before anything is awaited, or a short program's words and end would be missed. */
  private constructor(
    private readonly run: RunFolder,
    private readonly order: RunOrder,
    private readonly child: StartedProgram,
    private readonly surroundings: Surroundings,
  ) {
    child.stdout.on('data', (chunk: Buffer) => surroundings.log.write('STDOUT', chunk));
    child.stderr.on('data', (chunk: Buffer) => surroundings.log.write('STDERR', chunk));
    this.exited = new Promise((resolve) => child.once('exit', (exitCode, signal) => resolve({ exitCode, signal })));
    this.closed = new Promise((resolve) => child.once('close', resolve));
  }

  /**
   * Starts it in a process group of its own, as the user of the order. Throws `SpawnRefused` for what the command is the
   * fault of, and `StartFault` for what the machine is.
   */
  static async start(run: RunFolder, order: RunOrder, surroundings: Surroundings): Promise<Program> {
    const { runAs, spec } = order;
    const wishes = { command: spec.command, cwd: run.work, env: surroundings.environment };
    if (runAs !== null) await handedOver(run, runAs, surroundings.patiently);
    const child = await (runAs === null ? startAsSelf(wishes) : startAs(runAs, groupsFor(run, order), wishes));
    const program = new Program(run, order, child, surroundings);
    try {
      const { inputs } = surroundings;
      await writeJson(run.program, { identity: await program.identify(), startedAt: program.startedAt, inputs });
      return program;
    } catch (error) {
      await program.killAtLast();
      throw new StartFault('That the program was started could not be written down, so it was stopped', error);
    }
  }

  private get pid(): number {
    if (this.child.pid === undefined) throw new Error('The program has not started.');
    return this.child.pid;
  }

  /** By a variable that only its processes have, or by the group of the run where it has one. */
  private readonly isMarked = (pid: number): boolean =>
    carries(pid, `WEFTLINE_OUTPUT=${this.run.output}`) ||
    (this.order.runAs !== null && isInGroup(pid, groupOf(this.run)));

  /** Waits for its end and enforces limits and cancels meanwhile; nothing it started lives on after this. */
  async watch(isShuttingDown: () => boolean): Promise<ProgramEnd> {
    const memory = new ProgramMemory(this.pid, this.isMarked);
    for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LOOK_MS)) {
      const exit = await Promise.race([this.exited, delay(pause, null, { ref: false })]);
      if (exit !== null) {
        if (await wasToldToEnd(exit, isShuttingDown)) this.stopping ??= { cause: 'SHUTDOWN', killAt: 0 };
        return await this.finish(exit, memory.peakBytes);
      }
      await unlessDiskFails(() => this.checkMemory(memory));
      await this.checkLimits(isShuttingDown());
    }
  }

  /** With everything it started: after its end, or when the supervisor cannot go on. Whom nobody could list is not left alive. */
  async killAtLast(): Promise<void> {
    await this.untilListed(() => killLeftovers(this.pid, this.isMarked));
  }

  /** Until nobody is left, also of those that begin others faster than they are found. Only groups tell for sure. */
  private async killAll(): Promise<void> {
    for (let look = 0; look < MOST_LOOKS_AT_LEFTOVERS; look += 1) {
      if ((await this.untilListed(() => killLeftovers(this.pid, this.isMarked))) === 0) return;
      await delay(FIRST_LOOK_MS);
    }
  }

  /** With too many files open, nobody sees which processes there are. */
  private async untilListed<T>(look: () => T): Promise<T> {
    return await onceThereIsRoom(this.run, () => Promise.resolve().then(look), { waitsFor: machineFault });
  }

  private async checkLimits(isShuttingDown: boolean): Promise<void> {
    const { runSeconds, graceSeconds, outputBytes } = this.order.spec.limits;
    // One that was damaged is found with the other records.
    const cancel = await unlessDiskFails(() => legible(this.run.readCancel()));
    if (cancel !== null) this.stop('CANCEL', cancel.graceSeconds, 'Cancelled.');
    if (isShuttingDown) this.stop('SHUTDOWN', graceSeconds, 'The supervisor was told to end.');
    if (runSeconds !== null && performance.now() - this.startedTick > runSeconds * 1000) {
      this.stop('RUN_LIMIT', graceSeconds, `The time limit of ${runSeconds} s is over.`);
    }
    // A large folder is measured on beside this, so that it holds up no look at the memory.
    await Promise.race([unlessDiskFails(() => this.measure()), delay(LOOK_MS, null, { ref: false })]);
    // No grace: what the program writes in that time only fills the disk.
    if (this.outputBytes > outputBytes) this.stop('OUTPUT_LIMIT', 0, `More than ${outputBytes} bytes of output.`);
    if (this.outputExcess !== null) this.stop('OUTPUT_LIMIT', 0, `The output has ${this.outputExcess}.`);
    if (this.tampering !== null) this.stop('TAMPERING', 0, this.tampering);
    if (this.stopping !== null && performance.now() >= this.stopping.killAt) signalGroup(this.pid, 'SIGKILL');
  }

  /** No grace, not even for those that left the group: by then the machine may have no memory left for others. */
  private checkMemory(memory: ProgramMemory): void {
    const { memoryBytes } = this.surroundings.grant;
    const used = memory.look(memoryBytes);
    if (used === null) return;
    this.excessMemoryBytes ??= used;
    this.stop('MEMORY_LIMIT', 0, `The program uses ${used} bytes of memory and may use ${memoryBytes ?? 0}.`);
    killLeftovers(this.pid, this.isMarked);
  }

  private stop(cause: StopCause, graceSeconds: number, why: string): void {
    const killAt = performance.now() + graceSeconds * 1000;
    if (this.stopping !== null) {
      // A later, shorter grace counts: a second cancel with 0 means "now".
      this.stopping.killAt = Math.min(this.stopping.killAt, killAt);
      return;
    }
    this.stopping = { cause, killAt };
    this.surroundings.log.note(`${why} The program is told to stop and has ${graceSeconds} s to do so.`);
    signalGroup(this.pid, 'SIGTERM');
  }

  private async measure(): Promise<void> {
    const begun = performance.now();
    if (begun < this.measureAt) return;
    this.measureAt = Infinity;
    try {
      this.tampering ??= await findTampering(this.run, this.surroundings.owner);
      this.outputBytes = await measureOutput(this.run.output);
      // Nobody can ever learn of a job whose folder was removed.
      if (!(await this.run.exists())) this.stop('SHUTDOWN', 0, 'The folder of the job is gone.');
    } catch (error) {
      if (!(error instanceof TooMuchOutput)) throw error;
      this.outputExcess = error.message;
    } finally {
      const took = performance.now() - begun;
      this.measureAt = begun + Math.max(MEASURE_MS, 20 * took);
    }
  }

  private async finish(exit: Exit, maxMemoryBytes: number | null): Promise<ProgramEnd> {
    const endedAt = new Date();
    if (this.order.runAs === null) await this.killAtLast();
    else await this.killAll();
    await Promise.race([this.closed, delay(DRAIN_MS, null, { ref: false })]);
    this.child.stdout.destroy();
    this.child.stderr.destroy();
    const seconds = (performance.now() - this.startedTick) / 1000;
    return {
      ...exit,
      startedAt: this.startedAt,
      endedAt,
      stopped: this.stopping?.cause ?? null,
      outputBytes: this.outputBytes,
      outputExcess: this.outputExcess,
      tampering: this.tampering,
      excessMemoryBytes: this.excessMemoryBytes,
      usage: {
        gpuSeconds: seconds * this.surroundings.grant.gpus.length,
        cpuSeconds: await unlessDiskFails(reapedCpuSeconds),
        maxMemoryBytes,
      },
    };
  }

  private async identify(): Promise<{ pid: number; start: string; boot: string }> {
    // One that has already ended has no start time any more; nobody will be taken for it.
    return (await identifyProcess(this.pid)) ?? { pid: this.pid, start: '', boot: '' };
  }
}

async function handedOver(run: RunFolder, user: JobUser, patiently: Patience): Promise<void> {
  try {
    await patiently(() => handOver(run, user));
  } catch (error) {
    throw new StartFault('The folder of the job could not be handed to the user of its program', error);
  }
}

/**
 * Slurm, Ray and systemd tell the whole tree to end, the program with its supervisor, and the program may be gone before
 * the supervisor has heard of it. One that ends well then may have left half a model: it counts as stopped, too.
 */
async function wasToldToEnd({ signal }: Exit, isShuttingDown: () => boolean): Promise<boolean> {
  if (signal === 'SIGTERM' && !isShuttingDown()) await delay(TOGETHER_MS);
  return isShuttingDown();
}
