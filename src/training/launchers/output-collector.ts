/** From the files a program left to the model it made (docs/training-protocol.md, "Output"). */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { type DeclaredFacts, declaredSchema } from './declared.js';
import { hasErrno, messageOf } from './errno.js';
import type { JobOutput } from './launcher.js';
import { listOutput, type OutputFile } from './output-folder.js';

const MANIFEST = 'manifest.json';
const LARGEST_MANIFEST_BYTES = 1024 * 1024;

const manifestSchema = z.object({
  model: z.string('"model" must be the path of a file').min(1, '"model" must not be empty').optional(),
  metrics: z.record(z.string(), z.unknown(), '"metrics" must be an object').default({}),
});
type Manifest = z.infer<typeof manifestSchema> & { declared: DeclaredFacts };

/** The output cannot become a model; the message is for the person who wrote the program. */
export class OutputRefused extends Error {
  override readonly name = 'OutputRefused';
  constructor(
    readonly code: 'RESULT_MISSING' | 'RESULT_INVALID' | 'OUTPUT_TOO_LARGE',
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The model in the folder with its digest and metrics. Throws `OutputRefused`. Reads each file of the model once. */
export async function collectOutput(folder: string, limitBytes: number): Promise<JobOutput> {
  await checkFolder(folder);
  const { files, foreign } = await listOutput(folder).catch((error: unknown) => {
    throw invalid(`The output folder could not be read: ${messageOf(error)}.`, error);
  });
  const stranger = foreign[0];
  if (stranger !== undefined) {
    throw invalid(`"${stranger.path}" in the output folder is ${stranger.kind}. Leave only regular files there.`);
  }
  checkSize(sumBytes(files), limitBytes);
  const manifest = await readManifest(folder, files);
  const model = chooseModel(files, manifest);
  const [only, ...more] = model;
  if (only === undefined) {
    throw new OutputRefused(
      'RESULT_MISSING',
      'The program ended well but left no model: write at least one file to the folder WEFTLINE_OUTPUT names.',
    );
  }
  return {
    uri: pathToFileURL(more.length === 0 ? join(folder, only.path) : folder).href,
    digest: `sha256:${more.length === 0 ? await hashFile(folder, only) : await hashListing(folder, model)}`,
    bytes: sumBytes(model),
    metrics: manifest?.metrics ?? {},
    declared: manifest?.declared ?? declaredSchema.parse({}),
  };
}

/** Throws `OutputRefused` when there is more output than the limit allows. */
export function checkSize(bytes: number, limitBytes: number): void {
  if (bytes <= limitBytes) return;
  throw new OutputRefused(
    'OUTPUT_TOO_LARGE',
    `The program left ${bytes} bytes of output; this job may leave ${limitBytes}. Write less or raise the limit.`,
  );
}

async function checkFolder(folder: string): Promise<void> {
  const stat = await lstat(folder).catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  });
  if (stat?.isDirectory() !== true)
    throw invalid('The program removed the output folder or put something else in its place.');
}

async function readManifest(folder: string, files: readonly OutputFile[]): Promise<Manifest | null> {
  const file = files.find(({ path }) => path === MANIFEST);
  if (file === undefined) return null;
  if (file.bytes > LARGEST_MANIFEST_BYTES) {
    throw invalid(`${MANIFEST} has ${file.bytes} bytes; at most ${LARGEST_MANIFEST_BYTES} are read.`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of readOutputFile(folder, MANIFEST)) chunks.push(chunk);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw invalid(`${MANIFEST} is not JSON: ${messageOf(error)}.`, error);
  }
  const [manifest, declared] = [manifestSchema.safeParse(value), declaredSchema.safeParse(value)];
  if (manifest.success && declared.success) return { ...manifest.data, declared: declared.data };
  const issues = [...(manifest.error?.issues ?? []), ...(manifest.success ? (declared.error?.issues ?? []) : [])];
  throw invalid(`${MANIFEST} is not understood: ${issues.map((issue) => issue.message).join('; ')}.`);
}

function chooseModel(files: readonly OutputFile[], manifest: Manifest | null): readonly OutputFile[] {
  const named = manifest?.model;
  if (named === undefined) return files.filter(({ path }) => path !== MANIFEST);
  const path = posix.normalize(named);
  if (posix.isAbsolute(path) || path === '..' || path.startsWith('../')) {
    throw invalid(
      `${MANIFEST} names the model "${named}", which is outside the output folder. Give a path relative to it.`,
    );
  }
  const model = files.filter((file) => file.path === path);
  if (model.length > 0) return model;
  if (files.some((file) => file.path.startsWith(path.endsWith('/') ? path : `${path}/`))) {
    throw invalid(
      `${MANIFEST} names the model "${named}", which is a folder. Name one file, or leave "model" out: then all files are the model.`,
    );
  }
  throw invalid(`${MANIFEST} names the model "${named}", but there is no such file in the output folder.`);
}

/** SHA-256 of what `sha256sum` prints for the files. It marks a name it had to escape with a backslash before the hash. */
async function hashListing(folder: string, files: readonly OutputFile[]): Promise<string> {
  const listing = createHash('sha256');
  for (const file of files) {
    const name = file.path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
    listing.update(`${name === file.path ? '' : '\\'}${await hashFile(folder, file)}  ${name}\n`);
  }
  return listing.digest('hex');
}

async function hashFile(folder: string, file: OutputFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of readOutputFile(folder, file.path)) hash.update(chunk);
  return hash.digest('hex');
}

async function* readOutputFile(folder: string, path: string): AsyncGenerator<Buffer> {
  try {
    const file = await open(join(folder, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const chunks: AsyncIterable<Buffer> = file.createReadStream({ highWaterMark: 1024 * 1024 });
    yield* chunks; // The stream closes the file, also when it fails or is left early.
  } catch (error) {
    throw invalid(`"${path}" in the output folder could not be read: ${messageOf(error)}.`, error);
  }
}

function sumBytes(files: readonly OutputFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

function invalid(message: string, cause?: unknown): OutputRefused {
  return new OutputRefused('RESULT_INVALID', message, { cause });
}
