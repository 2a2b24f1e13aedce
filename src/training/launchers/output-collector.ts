/** From the files a program left to the model it made (docs/training-protocol.md, "Output"). */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { declaredSchema } from './declared.js';
import { diskFault } from '../../disk/disk-fault.js';
import { hasErrno, messageOf } from './errno.js';
import { KeptMetrics } from './kept-metrics.js';
import type { JobOutput } from './launcher.js';
import { listOutput, type OutputFile, TooMuchOutput } from './output-folder.js';
import { LARGEST_MANIFEST_BYTES, MANIFEST, type Manifest, parseManifest } from './output-manifest.js';
import { invalid, OutputRefused, quoted } from './output-refused.js';

const CHUNK_BYTES = 1024 * 1024;

/** The model in the folder with its digest and metrics. Throws `OutputRefused`. Reads each file of the model once. */
export async function collectOutput(folder: string, limitBytes: number): Promise<JobOutput> {
  await checkFolder(folder);
  const { files, folders } = await listRegular(folder);
  checkSize(sumBytes(files), limitBytes);
  if (folders.includes(MANIFEST))
    throw invalid(`${MANIFEST} in the output folder is a folder. Make it a file, or leave it out.`);
  const manifest = await readManifest(folder, files);
  const model = chooseModel(files, manifest);
  const [only, ...more] = model;
  if (only === undefined) {
    throw new OutputRefused(
      'RESULT_MISSING',
      'The program ended well but left no model: write at least one file to the folder WEFTLINE_OUTPUT names.',
    );
  }
  const kept = new KeptMetrics(manifest?.metrics);
  return {
    uri: pathToFileURL(more.length === 0 ? join(folder, only.path) : folder).href,
    digest: `sha256:${more.length === 0 ? await hashFile(folder, only) : await hashListing(folder, model)}`,
    bytes: sumBytes(model),
    metrics: kept.toObject(),
    declared: manifest?.declared ?? declaredSchema.parse({}),
    ...(kept.note === null ? {} : { note: `${MANIFEST}: ${kept.note}` }),
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

async function listRegular(folder: string): Promise<{ files: OutputFile[]; folders: string[] }> {
  const { files, folders, foreign } = await listOutput(folder).catch((error: unknown) => {
    if (!(error instanceof TooMuchOutput)) throw invalid(`The output folder could not be read: ${told(error)}.`, error);
    throw new OutputRefused(
      'OUTPUT_TOO_LARGE',
      `The program left ${error.message} in the output folder. Pack them, or leave fewer.`,
    );
  });
  const stranger = foreign[0];
  if (stranger !== undefined) {
    throw invalid(`${quoted(stranger.path)} in the output folder is ${stranger.kind}. Leave only regular files there.`);
  }
  return { files, folders };
}

async function readManifest(folder: string, files: readonly OutputFile[]): Promise<Manifest | null> {
  const file = files.find(({ path }) => path === MANIFEST);
  if (file === undefined) return null;
  if (file.bytes > LARGEST_MANIFEST_BYTES) {
    throw invalid(`${MANIFEST} has ${file.bytes} bytes; at most ${LARGEST_MANIFEST_BYTES} are read.`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of readOutputFile(folder, file)) chunks.push(chunk);
  return parseManifest(Buffer.concat(chunks));
}

function chooseModel(files: readonly OutputFile[], manifest: Manifest | null): readonly OutputFile[] {
  const named = manifest?.model;
  if (named === undefined) return files.filter(({ path }) => path !== MANIFEST);
  const path = posix.normalize(named);
  if (posix.isAbsolute(path) || path === '..' || path.startsWith('../')) {
    throw invalid(
      `${MANIFEST} names the model ${quoted(named)}, which is outside the output folder. Give a path relative to it.`,
    );
  }
  const model = files.filter((file) => file.path === path);
  if (model.length > 0) return model;
  if (files.some((file) => file.path.startsWith(path.endsWith('/') ? path : `${path}/`))) {
    throw invalid(
      `${MANIFEST} names the model ${quoted(named)}, which is a folder. Name one file, or leave "model" out: then all files are the model.`,
    );
  }
  throw invalid(`${MANIFEST} names the model ${quoted(named)}, but there is no such file in the output folder.`);
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
  for await (const chunk of readOutputFile(folder, file)) hash.update(chunk);
  return hash.digest('hex');
}

/** As many bytes as were listed, of the file that was listed, in the place where it was listed. */
async function* readOutputFile(folder: string, listed: OutputFile): AsyncGenerator<Buffer> {
  let read = 0;
  try {
    const file = await open(
      join(folder, listed.path),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    try {
      if (await isReplaced(file, folder, listed)) throw new Error('something else was put in its place');
      // One byte more would be too many: what still grows is never read to its end.
      for (let bytes = 1; bytes > 0 && read <= listed.bytes; read += bytes) {
        const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, listed.bytes + 1 - read));
        ({ bytesRead: bytes } = await file.read(chunk, 0, chunk.length));
        yield chunk.subarray(0, bytes);
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw invalid(`${quoted(listed.path)} in the output folder could not be read: ${told(error)}.`, error);
  }
  if (read !== listed.bytes) throw invalid(`${quoted(listed.path)} in the output folder changed while it was read.`);
}

/** O_NOFOLLOW looks at the last part of a path only: a folder on the way may have become a link to a file of the server. */
async function isReplaced(file: FileHandle, folder: string, listed: OutputFile): Promise<boolean> {
  const stat = await file.stat();
  if (!stat.isFile() || stat.dev !== listed.device || stat.ino !== listed.inode) return true;
  if (process.platform !== 'linux') return false;
  return (await readlink(`/proc/self/fd/${file.fd}`)) !== join(await realpath(folder), listed.path);
}

function sumBytes(files: readonly OutputFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes, 0);
}

/** Why, without a path of the server in it: whoever sees the job reads this. */
function told(error: unknown): string {
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : null;
  return diskFault(error) ?? (code === null ? messageOf(error) : `the system says ${code}`);
}
