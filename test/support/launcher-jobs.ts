/** Little programs for launchers to run, and the waiting and reading every test of them needs. */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobHandle, JobObservation, JobSpec, Launcher, LogLine } from '../../src/launchers/port/launcher.js';

const LAST_STATES = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'CANCELLED', 'LOST'];

/** An order for a little JavaScript program, given as its source. */
export function orderOf(source: string, changes: Partial<JobSpec> = {}): JobSpec {
  return {
    command: [process.execPath, '--input-type=module', '--eval', source],
    environment: {},
    parameters: {},
    inputs: [],
    resources: { gpus: 0, cpus: null, memoryBytes: null },
    image: null,
    queue: null,
    secrets: {},
    limits: { runSeconds: 60, graceSeconds: 5, outputBytes: 1_000_000, logBytes: 1_000_000 },
    ...changes,
  };
}

export const limitsOf = (changes: Partial<JobSpec['limits']>): Pick<JobSpec, 'limits'> => ({
  limits: { ...orderOf('').limits, ...changes },
});

/** Submits as the first attempt of a new job; fails when it is not accepted. */
export async function submitNew(launcher: Launcher, spec: JobSpec): Promise<JobHandle> {
  const submitted = await launcher.submit(spec, { jobId: randomUUID(), attempt: 1 });
  if (submitted.outcome !== 'accepted') throw new Error(submitted.message);
  return submitted.handle;
}

export async function untilOver(launcher: Pick<Launcher, 'observe'>, handle: JobHandle): Promise<JobObservation> {
  return await untilState(launcher, handle, ...LAST_STATES);
}

export async function untilState(
  launcher: Pick<Launcher, 'observe'>,
  handle: JobHandle,
  ...states: string[]
): Promise<JobObservation> {
  for (;;) {
    const observation = await launcher.observe(handle);
    if (states.includes(observation.state)) return observation;
    if (LAST_STATES.includes(observation.state)) throw new Error(`It ended: ${JSON.stringify(observation)}`);
    await delay(50);
  }
}

/** Waits until the program has printed a line that holds the text. */
export async function untilLogged(launcher: Launcher, handle: JobHandle, text: string): Promise<LogLine> {
  for (;;) {
    const { lines, ended } = await launcher.logs(handle, { limit: 1000 });
    const line = lines.find((each) => each.text.includes(text));
    if (line !== undefined) return line;
    if (ended) throw new Error(`"${text}" was never logged, but ${JSON.stringify(lines)}`);
    await delay(50);
  }
}

export async function runToEnd(launcher: Launcher, spec: JobSpec): Promise<JobObservation & { handle: JobHandle }> {
  const handle = await submitNew(launcher, spec);
  return { ...(await untilOver(launcher, handle)), handle };
}

/** The whole log, read in pages of `limit` lines. */
export async function readWholeLog(launcher: Launcher, handle: JobHandle, limit: number): Promise<LogLine[]> {
  const all: LogLine[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await launcher.logs(handle, { limit, ...(after === undefined ? {} : { after }) });
    all.push(...page.lines);
    if (page.ended) return all;
    after = page.cursor;
  }
}

export const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

const prelude = `import { writeFileSync, appendFileSync, readFileSync, mkdirSync } from 'node:fs';
const output = process.env.WEFTLINE_OUTPUT;
`;
export const program = (body: string): string => prelude + body;
export const SUCCEEDS = program(`writeFileSync(output + '/model.bin', 'weights');`);
export const RUNS_LONG = program(`console.log('ready'); setTimeout(() => {}, 60_000);`);

/** Waits, and ends well once the file is there. */
export const waitsFor = (file: string): string =>
  program(`const { existsSync } = await import('node:fs'); console.log('ready');
    while (!existsSync(${JSON.stringify(file)})) await new Promise((r) => setTimeout(r, 50));
    writeFileSync(output + '/model', 'm');`);
