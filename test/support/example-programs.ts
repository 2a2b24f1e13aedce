import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const EXAMPLE = resolve(import.meta.dirname, '../../examples/penguins');
export const RAW = join(EXAMPLE, 'penguins-raw.csv');

const File = z.object({ path: z.string(), sha256: z.string(), rows: z.number(), bytes: z.number() });
const Fields = z.array(z.object({ name: z.string(), type: z.string(), from: z.string() }));
export const Report = z.object({
  input: File,
  outputs: z.tuple([
    File.extend({ name: z.literal('train'), fields: Fields }),
    File.extend({ name: z.literal('test'), fields: Fields }),
  ]),
  droppedRows: z.number(),
});
const Manifest = z.object({
  model: z.string(),
  metrics: z.record(z.string(), z.number()),
  seeds: z.record(z.string(), z.number()),
  environment: z.record(z.string(), z.string()),
});
export const Event = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('metric'), name: z.string(), value: z.number(), step: z.int() }),
  z.strictObject({ type: z.literal('progress'), fraction: z.number().min(0).max(1), message: z.string() }),
]);

export type Report = z.infer<typeof Report>;
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}
export interface Pin {
  urn: string;
  version: string;
  digest: string | null;
  uri: string | null;
  path: string | null;
}
export interface Job {
  directory: string;
  environment: Record<string, string>;
}

/** Splits the file at `input`, which has to succeed. */
export async function split(outputDir: string, input: string, seed: string): Promise<Report> {
  const parameters = ['--input', input, '--output-dir', outputDir, '--seed', seed];
  const ended = await runSplit([...parameters, '--test-share', '0.25']);
  if (ended.code !== 0) throw new Error(`clean-and-split.mjs ended with ${ended.code ?? 'a signal'}: ${ended.stderr}`);
  return Report.parse(JSON.parse(ended.stdout));
}

/** The two parts as a launch pins them. */
export function pinOutputs(report: Report): Pin[] {
  return report.outputs.map(({ name, path, sha256: digest }) => ({
    urn: `urn:weft:dataset:demo:penguins.${name}`,
    version: '1',
    digest: `sha256:${digest}`,
    uri: null,
    path,
  }));
}

/** Lays out what docs/training-protocol.md promises a program. */
export async function prepareJob(
  scratch: string,
  inputs: Pin[],
  parameters: Record<string, unknown> = {},
): Promise<Job> {
  const directory = await mkdtemp(join(scratch, 'job-'));
  await mkdir(join(directory, 'work'));
  await mkdir(join(directory, 'output'));
  await writeFile(join(directory, 'inputs.json'), JSON.stringify({ inputs }));
  await writeFile(join(directory, 'parameters.json'), JSON.stringify(parameters));
  const environment = {
    WEFTLINE_JOB_ID: 'job-of-a-test',
    WEFTLINE_ATTEMPT: '1',
    WEFTLINE_INPUTS: join(directory, 'inputs.json'),
    WEFTLINE_PARAMETERS: join(directory, 'parameters.json'),
    WEFTLINE_OUTPUT: join(directory, 'output'),
    WEFTLINE_EVENTS: join(directory, 'events.jsonl'),
  };
  return { directory, environment };
}

/** Runs the program to its end; with `terminateAt`, sends SIGTERM once its log shows that text. */
export async function train(job: Job, terminateAt?: string): Promise<Ended> {
  const child = spawn(process.execPath, [join(EXAMPLE, 'train.mjs')], {
    cwd: join(job.directory, 'work'),
    env: job.environment,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (terminateAt !== undefined && stdout.includes(terminateAt) && !child.killed) child.kill('SIGTERM');
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
}

/** Runs clean-and-split.mjs to its end. */
export function runSplit(parameters: string[]): Promise<Ended> {
  return new Promise((resolveEnded) => {
    const child = execFile(
      process.execPath,
      [join(EXAMPLE, 'clean-and-split.mjs'), ...parameters],
      (_, stdout, stderr) => {
        resolveEnded({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
      },
    );
  });
}

export async function readManifest(job: Job): Promise<z.infer<typeof Manifest>> {
  return Manifest.parse(JSON.parse(await readFile(join(job.directory, 'output/manifest.json'), 'utf8')));
}

export async function modelDigest(job: Job): Promise<string> {
  return sha256(await readFile(join(job.directory, 'output/model.json')));
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
