/**
 * The process that stands by one local job, detached from the API: `node local-supervisor.js <folder of the run>`.
 * It waits for its turn, runs the program and writes the verdict. It alone writes program.json and
 * exit.json (see RunFolder), and there is one of it per run, ever: the first to create claim.json; any other ends at once.
 */
import { rm, writeFile } from 'node:fs/promises';
import { EnergyMeter } from './energy-meter.js';
import { hostHardware } from './host-hardware.js';
import { createJson, writeJson } from './json-file.js';
import type { JobOutput } from './launcher.js';
import { programEnvironment } from './local-environment.js';
import { Program, type ProgramEnd } from './local-program.js';
import { RunFolder, type RunOrder, type RunVerdict } from './local-run.js';
import { Slot, type Turn } from './local-slots.js';
import { engineTurn } from './engine-turn.js';
import { CANCELLED, STOPPED_EARLY, failed, judgeEnd, judgeStartError } from './local-verdict.js';
import { LogWriter } from './log-writer.js';
import { collectOutput, OutputRefused } from './output-collector.js';
import { identifyProcess } from './process-identity.js';
import { showLife } from './sign-of-life.js';

const NEVER_STARTED = { startedAt: null, exitCode: null, signal: null, output: null, usage: null };
const STDERR_LINES_SHOWN = 5;
const SIGTERM_EXIT_CODE = 143;
const RESERVE_BYTES = 64 * 1024;

let shuttingDown = false;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => (shuttingDown = true));

/** Claims the run and sees it through to its verdict. */
async function supervise(run: RunFolder): Promise<void> {
  const order = await run.readOrder();
  const owner = await identifyProcess(process.pid);
  if (order === null || owner === null) throw new Error(`${run.path} is not the folder of a run.`);
  if (!(await createJson(run.claim, { owner }))) return;
  const endLife = showLife(run, order.aliveSeconds, () => (shuttingDown = true));
  await writeFile(run.reserve, Buffer.alloc(RESERVE_BYTES));
  const log = new LogWriter(run.log, order.spec.limits.logBytes);
  const demand = { owner, submittedAt: order.submittedAt, gpus: order.spec.resources.gpus };
  const slot = order.capacity === null ? engineTurn(process.env) : new Slot(run, order.capacity, demand);
  try {
    const verdict = await runInTurn(run, order, { slot, log });
    // Programs fill disks. Their jobs must not be lost for that: the verdict takes the room kept for it.
    await rm(run.reserve, { force: true });
    await writeJson(run.exit, verdict);
    // An engine that ended us early must not take that for a success.
    if (shuttingDown && order.capacity === null) process.exitCode = SIGTERM_EXIT_CODE;
  } finally {
    endLife();
    log.close();
    await slot.release();
  }
}

interface Means {
  slot: Turn;
  log: LogWriter;
}

async function runInTurn(run: RunFolder, order: RunOrder, { slot, log }: Means): Promise<RunVerdict> {
  const isWanted = async (): Promise<boolean> =>
    !shuttingDown && (await run.exists()) && (await run.readCancel()) === null;
  const gpus = await slot.wait(isWanted);
  if (gpus === null || !(await isWanted())) {
    log.note('Stopped before the program was started.');
    return { ...NEVER_STARTED, endedAt: new Date(), ...(shuttingDown ? STOPPED_EARLY : CANCELLED) };
  }
  const [command = ''] = order.spec.command;
  log.note(`Starting "${command}"${gpus.length === 0 ? '' : ` on GPU ${gpus.join(', ')}`}.`);
  const meter = await EnergyMeter.start(gpus);
  let program: Program;
  try {
    program = await Program.start(run, order, { gpus, environment: await programEnvironment(run, order, gpus), log });
  } catch (error) {
    await meter.stop(null);
    const verdict = await judgeStartError(error, command);
    log.note(verdict.failure?.message ?? '');
    return { ...NEVER_STARTED, endedAt: new Date(), ...verdict };
  }
  return await seeThrough(program, run, order, { slot, log, meter });
}

async function seeThrough(
  program: Program,
  run: RunFolder,
  order: RunOrder,
  { slot, log, meter }: Means & { meter: EnergyMeter },
): Promise<RunVerdict> {
  let end: ProgramEnd;
  try {
    end = await program.watch(() => shuttingDown);
  } catch (error) {
    program.kill();
    await meter.stop(null);
    throw error;
  }
  const energy = await meter.stop(end.usage.cpuSeconds);
  // Reading a large model takes its time; nobody has to wait for the GPUs meanwhile.
  await slot.release();
  log.endProgram();
  log.note(end.signal === null ? `Ended with exit code ${end.exitCode ?? 'unknown'}.` : `Ended by ${end.signal}.`);
  const verdict = judgeEnd(end, order, log.lastStderrLines(STDERR_LINES_SHOWN)) ?? (await judgeOutput(run, order));
  if (verdict.failure !== null) log.note(verdict.failure.message.split('\n', 1).join());
  const { exitCode, signal, startedAt, endedAt } = end;
  const usage = { ...end.usage, energy };
  return { exitCode, signal, startedAt, endedAt, usage, output: null, ...verdict };
}

async function judgeOutput(run: RunFolder, order: RunOrder): Promise<Pick<RunVerdict, 'state' | 'failure' | 'output'>> {
  try {
    const output = await collectOutput(run.output, order.spec.limits.outputBytes);
    return { state: 'SUCCEEDED', failure: null, output: withHost(output) };
  } catch (error) {
    if (error instanceof OutputRefused) return { ...failed(error.code, error.message), output: null };
    throw error;
  }
}

/** The machine is told by who runs on it: the program may add to that, and say it otherwise. */
function withHost(output: JobOutput): JobOutput {
  if (output.declared === undefined) return output;
  const hardware = { host: hostHardware(), ...output.declared.hardware };
  return { ...output, declared: { ...output.declared, hardware } };
}

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('Give the folder of the run.');
await supervise(new RunFolder(path));
