/**
 * The process that stands by one local job, detached from the API: `node supervisor.js <folder of the run>`.
 * It is started when the turn of the job has come, runs the program and writes the verdict. It alone writes program.json
 * and, once the run is its own, exit.json (see RunFolder). One of it does so per run, ever: the first to create
 * claim.json; any other ends at once.
 */
import { chmod, rm, writeFile } from 'node:fs/promises';
import { startOn } from './runner/cpu-pinning.js';
import { DamagedFile, legible } from './files/damaged-file.js';
import { EnergyMeter } from './machine/energy-meter.js';
import { hasErrno } from './machine/errno.js';
import { createJson, writeJson, writeJsonInto } from './files/json-file.js';
import { programEnvironment } from './run-folder/environment.js';
import { LOOK_COMMAND, tellLook } from './runner/input-look.js';
import { checkInputs } from './runner/inputs.js';
import { judgeOutput, judgeTakingBack } from './runner/output.js';
import { Program, type ProgramEnd } from './runner/program.js';
import { onceThereIsRoom, type Patience, patienceFor, unlessDiskFails } from './runner/room.js';
import { RunFolder, type RunOrder, type RunVerdict } from './run-folder/run-folder.js';
import { engineTurn } from './engine/turn.js';
import { ownCommand } from './local/supervision.js';
import { localTurn } from './local/turn.js';
import {
  CANCELLED,
  failed,
  judgeEnd,
  judgeStartError,
  NEVER_STARTED,
  STOPPED_EARLY,
  STOPPED_NOTE,
} from './runner/outcome.js';
import { LogWriter } from './logs/log-writer.js';
import { identifyProcess, type ProcessIdentity } from './machine/process-identity.js';
import { showLife } from './run-folder/heartbeat.js';
import type { InputCheck } from './port/input-check.js';
import { SpawnRefused } from './machine/start-fault.js';
import type { Allocation, Allocator } from './run-folder/allocation.js';

const STDERR_LINES_SHOWN = 5;
const SIGTERM_EXIT_CODE = 143;
/** More than any verdict has. */
const RESERVE_BYTES = 256 * 1024;

let shuttingDown = false;
const isToEnd = (): boolean => shuttingDown;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => (shuttingDown = true));

/** Claims the run, if its turn has come, and sees it through to its verdict. */
async function supervise(run: RunFolder): Promise<void> {
  const order = await readOrderOrEnd(run);
  if (order === 'ENDED') return;
  const owner = await onceThereIsRoom(run, () => identifyProcess(process.pid), { mayGiveUp: isToEnd });
  if (order === null || owner === null) throw new Error(`${run.path} is not the folder of a run.`);
  const isLocal = order.capacity !== null;
  const turn = isLocal ? localTurn(run, order, () => shuttingDown) : engineTurn(run, process.env);
  // Unclaimed, it keeps its place in the queue, and runs when the machine is back.
  if (isLocal && shuttingDown) return;
  const grant = await onceThereIsRoom(run, () => turn.claim(owner), { mayGiveUp: isToEnd });
  if (grant === null) return;
  const endLife = showLife(run, order.aliveSeconds, () => (shuttingDown = true));
  try {
    await runToVerdict(run, order, { turn, grant, owner });
    // An engine that ended us early must not take that for a success.
    if (shuttingDown && !isLocal) process.exitCode = SIGTERM_EXIT_CODE;
  } finally {
    endLife();
    await turn.release();
  }
}

async function runToVerdict(run: RunFolder, order: RunOrder, means: Omit<Means, 'log'>): Promise<void> {
  const log = await onceThereIsRoom(run, async () => {
    await writeFile(run.reserve, Buffer.alloc(RESERVE_BYTES), { mode: 0o600 });
    return new LogWriter(run.log, order.spec.limits.logBytes);
  });
  try {
    const verdict = await runInTurn(run, order, { ...means, log });
    // Programs fill disks. Their jobs must not be lost for that: the verdict takes the room kept for it, or waits for some.
    await onceThereIsRoom(run, () => writeVerdict(run, verdict));
    // The verdict stands, whatever the program made of the room that was kept for it.
    await Promise.allSettled([rm(run.reserve, { force: true, recursive: true })]);
  } finally {
    log.close();
  }
}

/** A program of the same user may have closed the folder, and a disk that is full still takes what lies on it already. */
async function writeVerdict(run: RunFolder, verdict: RunVerdict): Promise<void> {
  try {
    await writeJson(run.exit, verdict);
  } catch (error) {
    if (hasErrno(error, 'ENOSPC', 'EDQUOT') && (await writeJsonInto(run.reserve, run.exit, verdict))) return;
    if (!hasErrno(error, 'EACCES', 'EPERM')) throw error;
    await chmod(run.path, 0o700);
    await writeJson(run.exit, verdict);
  }
}

/** An order that somebody changed while the job waited is carried out by nobody. */
async function readOrderOrEnd(run: RunFolder): Promise<RunOrder | 'ENDED' | null> {
  try {
    return await onceThereIsRoom(run, () => run.readOrder(), { mayGiveUp: isToEnd });
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    const verdict = { ...NEVER_STARTED, endedAt: new Date(), ...failed('RESULT_INVALID', error.said) };
    const isOurs = await onceThereIsRoom(run, () => createJson(run.claim, { owner: null }), { mayGiveUp: isToEnd });
    if (isOurs) await onceThereIsRoom(run, () => writeVerdict(run, verdict));
    return 'ENDED';
  }
}

interface Means {
  turn: Allocator;
  owner: ProcessIdentity;
  grant: Allocation;
  log: LogWriter;
}

type ReadyMeans = Means & { inputs: readonly InputCheck[] };

async function runInTurn(run: RunFolder, order: RunOrder, means: Means): Promise<RunVerdict> {
  const { log } = means;
  // One that was damaged is found with the other records, once the program runs.
  const cancel = await onceThereIsRoom(run, () => legible(run.readCancel()), { mayGiveUp: isToEnd });
  if (shuttingDown || cancel !== null) return stoppedEarly(log);
  const inputs = await checkInputs(run, order, { log, runner: ownCommand(), isUnwanted: () => isUnwanted(run) });
  if (inputs === null) return stoppedEarly(log);
  const { checks, refusal } = inputs;
  const verdict =
    refusal === null ? await startAndSeeThrough(run, order, { ...means, inputs: checks }) : neverStarted(refusal, log);
  return { ...verdict, inputs: checks };
}

async function startAndSeeThrough(run: RunFolder, order: RunOrder, means: ReadyMeans): Promise<RunVerdict> {
  const { log, grant, owner, inputs } = means;
  const patiently = patienceFor(run, () => isUnwanted(run));
  const [command = ''] = order.spec.command;
  const given = [listed('GPU', grant.gpus), listed('CPU', grant.cpus)].join('');
  log.note(`Starting "${command}"${given}.`);
  const meter = await EnergyMeter.start(grant.gpus);
  let program: Program;
  try {
    const environment = await patiently(() => programEnvironment(run, order, grant));
    const start = (): Promise<Program> =>
      Program.start(run, order, { grant, owner, environment, log, patiently, inputs });
    program = await startOn(grant.cpus, start, (why) => log.note(why));
  } catch (error) {
    await meter.stop(null);
    if (!(error instanceof SpawnRefused)) console.error('The program could not be started.', error);
    return neverStarted(await judgeStartError(error, { command, folder: run.work }), log);
  }
  return await seeThrough(program, run, order, { ...means, meter, patiently });
}

function stoppedEarly(log: LogWriter): RunVerdict {
  log.note(STOPPED_NOTE);
  return { ...NEVER_STARTED, endedAt: new Date(), ...(shuttingDown ? STOPPED_EARLY : CANCELLED) };
}

function neverStarted(verdict: Pick<RunVerdict, 'state' | 'failure'>, log: LogWriter): RunVerdict {
  log.note(verdict.failure?.message ?? '');
  return { ...NEVER_STARTED, endedAt: new Date(), ...verdict };
}

/** Whether nobody would wait for the job: it was cancelled, or this process was told to end. */
async function isUnwanted(run: RunFolder): Promise<boolean> {
  return shuttingDown || (await unlessDiskFails(() => legible(run.readCancel()))) !== null;
}

function listed(what: string, indices: readonly (number | string)[]): string {
  return indices.length === 0 ? '' : `, ${what} ${indices.join(', ')}`;
}

async function seeThrough(
  program: Program,
  run: RunFolder,
  order: RunOrder,
  { turn, log, meter, patiently }: Means & { meter: EnergyMeter; patiently: Patience },
): Promise<RunVerdict> {
  let end: ProgramEnd;
  try {
    end = await program.watch(() => shuttingDown);
  } catch (error) {
    await program.killAtLast();
    await meter.stop(null);
    throw error;
  }
  const untaken = order.runAs === null ? null : await judgeTakingBack(run, order.runAs, patiently);
  const energy = await meter.stop(end.usage.cpuSeconds);
  // Reading a large model takes its time; nobody has to wait for the GPUs meanwhile.
  await turn.release();
  log.endProgram();
  log.note(end.signal === null ? `Ended with exit code ${end.exitCode ?? 'unknown'}.` : `Ended by ${end.signal}.`);
  const own = judgeEnd(end, order, log.lastStderrLines(STDERR_LINES_SHOWN));
  const verdict = own ?? untaken ?? (await judgeOutput(run, order, { log, patiently }));
  if (verdict.failure !== null) log.note(verdict.failure.message.split('\n', 1).join());
  const { exitCode, signal, startedAt, endedAt } = end;
  const usage = { ...end.usage, energy };
  return { exitCode, signal, startedAt, endedAt, usage, output: null, ...verdict };
}

const [path, question] = process.argv.slice(2);
if (path === undefined) throw new Error('Give the folder of the run.');
if (path === LOOK_COMMAND) await tellLook(question ?? '');
else await supervise(new RunFolder(path));
