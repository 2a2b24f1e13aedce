/** From the files a program left to the model it made (docs/training-protocol.md, "Output"). */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { declaredSchema } from '../port/declared.js';
import { causeOf, errnoName, machineFault } from '../../disk/disk-fault.js';
import { hasErrno } from '../machine/errno.js';
import { KeptMetrics } from '../run-folder/kept-metrics.js';
import type { JobOutput } from '../port/launcher.js';
import { AT_ONCE, type Patience } from './room.js';
import { listOutput, type OutputFile, TooMuchOutput } from './output-folder.js';
import { LARGEST_MANIFEST_BYTES, MANIFEST, type Manifest, parseManifest } from './output-manifest.js';
import { invalid, OutputRefused, quoted } from '../port/output-refused.js';

const CHUNK_BYTES = 1024 * 1024;

/** Where the output is, and how what the machine does not give at once is waited for. */
interface Place {
  folder: string;
  patiently: Patience;
}

/**
 * The model in the folder with its digest and metrics. Reads each file of the model once. Throws `OutputRefused` for what is the
 * program's fault, and the system's error for what is the machine's, once there was no patience left for it.
 */
export async function collectOutput(
  folder: string,
  limitBytes: number,
  patiently: Patience = AT_ONCE,
): Promise<JobOutput> {
  const place = { folder, patiently };
  await checkFolder(place);
  const { files, folders } = await listRegular(place);
  checkSize(sumBytes(files), limitBytes);
  if (folders.includes(MANIFEST))
    throw invalid(`${MANIFEST} in the output folder is a folder. Make it a file, or leave it out.`);
  const manifest = await readManifest(place, files);
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
    digest: `sha256:${more.length === 0 ? await hashFile(place, only) : await hashListing(place, model)}`,
    bytes: sumBytes(model),
    metrics: kept.toObject(),
    declared: manifest?.declared ?? declaredSchema.parse({}),
    ...(kept.note === null ? {} : { note: `${MANIFEST}: ${kept.note}` }),
  };
}

/** Throws `OutputRefused` when there is more output than the limit allows. */
function checkSize(bytes: number, limitBytes: number): void {
  if (bytes <= limitBytes) return;
  throw new OutputRefused(
    'OUTPUT_TOO_LARGE',
    `The program left ${bytes} bytes of output; this job may leave ${limitBytes}. Write less or raise the limit.`,
  );
}

async function checkFolder({ folder, patiently }: Place): Promise<void> {
  const stat = await patiently(() => lstat(folder)).catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  });
  if (stat?.isDirectory() !== true)
    throw invalid('The program removed the output folder or put something else in its place.');
}

async function listRegular({ folder, patiently }: Place): Promise<{ files: OutputFile[]; folders: string[] }> {
  const { files, folders, foreign } = await patiently(() => listOutput(folder)).catch((error: unknown) => {
    if (!(error instanceof TooMuchOutput)) throw unlessOfMachine('The output folder could not be read', error);
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

async function readManifest(place: Place, files: readonly OutputFile[]): Promise<Manifest | null> {
  const file = files.find(({ path }) => path === MANIFEST);
  if (file === undefined) return null;
  if (file.bytes > LARGEST_MANIFEST_BYTES) {
    throw invalid(`${MANIFEST} has ${file.bytes} bytes; at most ${LARGEST_MANIFEST_BYTES} are read.`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of readOutputFile(place, file)) chunks.push(chunk);
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
async function hashListing(place: Place, files: readonly OutputFile[]): Promise<string> {
  const listing = createHash('sha256');
  for (const file of files) {
    const name = file.path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
    listing.update(`${name === file.path ? '' : '\\'}${await hashFile(place, file)}  ${name}\n`);
  }
  return listing.digest('hex');
}

async function hashFile(place: Place, file: OutputFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of readOutputFile(place, file)) hash.update(chunk);
  return hash.digest('hex');
}

/** As many bytes as were listed, of the file that was listed, in the place where it was listed. */
async function* readOutputFile({ folder, patiently }: Place, listed: OutputFile): AsyncGenerator<Buffer> {
  let read = 0;
  try {
    const file = await patiently(() =>
      open(join(folder, listed.path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK),
    );
    try {
      if (await patiently(() => isReplaced(file, folder, listed)))
        throw new Error('something else was put in its place');
      // One byte more would be too many: what still grows is never read to its end.
      for (let bytes = 1; bytes > 0 && read <= listed.bytes; read += bytes) {
        const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, listed.bytes + 1 - read));
        const from = read;
        ({ bytesRead: bytes } = await patiently(() => file.read(chunk, 0, chunk.length, from)));
        yield chunk.subarray(0, bytes);
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unlessOfMachine(`${quoted(listed.path)} in the output folder could not be read`, error);
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

/** The refusal, with why, for whoever sees the job; what the machine does to any file stays what it is. */
function unlessOfMachine(what: string, error: unknown): unknown {
  if (machineFault(error) !== null) return error;
  return invalid(`${what}: ${WORDS[errnoName(error) ?? ''] ?? causeOf(error)}.`, error);
}

/** Of the files of a program, which need not be on a disk that fails. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'the program has closed it to the server',
  EPERM: 'the program has closed it to the server',
  ENOENT: 'it is gone',
  ENOTDIR: 'it is gone',
};
