import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath, stat, statfs } from 'node:fs/promises';
import { type Content, fingerprintOf, isSettled, type Question } from './content.js';
import { hashOf } from './digest.js';

const CHUNK_BYTES = 1024 * 1024;
/** File systems whose files the kernel makes up as they are read: without a size, without an end, or waiting for something. */
const MADE_UP = [
  ...[0x9fa0, 0x62656572, 0x64626720, 0x74726163, 0x27e0eb, 0x63677270, 0x73636673, 0xcafe4a11],
  ...[0x6165676c, 0xde5e81e4, 0x62656570, 0xf97cff8c, 0x1cd1, 0x42494e4d, 0x65735543, 0x19800202],
];
const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;

/**
 * The content of a regular file, or why there is none. Never waits for a pipe, never reads a device, and of a file no more
 * than it had when it was opened. Throws the system's error for what is in the way.
 */
export async function contentOfFile(question: Question, seen: BigIntStats): Promise<Content> {
  if (!seen.isFile()) return notRegular;
  if (process.platform === 'linux' && MADE_UP.includes((await statfs(question.path)).type >>> 0)) return madeUp;
  const file = await open(question.path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    const before = await file.stat({ bigint: true });
    if (!before.isFile()) return notRegular;
    if (question.mayRead?.(await realPathOf(file, question.path)) === false) return outside;
    const { algorithm } = question;
    if (algorithm === null) return { found: 'SIZE', bytes: String(before.size) };
    return await readOpened({ ...question, algorithm }, file, before);
  } finally {
    await file.close();
  }
}

const notRegular: Content = { found: 'UNREADABLE', why: 'is no regular file, so it has no content to compare' };
const madeUp: Content = { found: 'UNREADABLE', why: 'is made up by the kernel as it is read' };
const outside: Content = { found: 'UNREADABLE', why: 'lies outside the folders that the server may read data from' };

type DigestQuestion = Question & { algorithm: string };

async function readOpened(question: DigestQuestion, file: FileHandle, before: BigIntStats): Promise<Content> {
  const { known, algorithm, onBytes } = question;
  const fingerprint = fingerprintOf(before);
  const bytes = String(before.size);
  const readAt = Date.now();
  if (known?.fingerprint === fingerprint && !onBytes)
    return { found: 'FILE', ...known, bytes, wasRead: false, isSettled: true };
  const hash = hashOf(algorithm);
  for await (const chunk of chunksOf(file, before.size, question.signal)) {
    hash.update(chunk);
    await onBytes?.(chunk);
  }
  const after = await file.stat({ bigint: true });
  if (fingerprintOf(after) !== fingerprint)
    return { found: 'CHANGING', why: 'changed while it was read', bytes: String(after.size) };
  const digest = `${algorithm}:${hash.digest('hex')}`;
  return { found: 'FILE', fingerprint, digest, bytes, wasRead: true, isSettled: isSettled(before, readAt) };
}

/** As many bytes as it had when it was opened: what still grows is not read to an end that there may never be. */
async function* chunksOf(file: FileHandle, size: bigint, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Number(size < CHUNK_BYTES ? size : CHUNK_BYTES));
  for (let read = 0n; read < size;) {
    signal?.throwIfAborted();
    const wanted = Number(size - read < CHUNK_BYTES ? size - read : CHUNK_BYTES);
    const { bytesRead } = await file.read(buffer, 0, wanted, Number(read));
    // It was cut off; the look at its size afterwards tells.
    if (bytesRead === 0) return;
    read += BigInt(bytesRead);
    yield buffer.subarray(0, bytesRead);
  }
}

/** Where the opened file lies: any part of the path may have become a link since somebody looked. */
async function realPathOf(file: FileHandle, path: string): Promise<string> {
  return process.platform === 'linux' ? await readlink(`/proc/self/fd/${file.fd}`) : await realpath(path);
}

/** What is at the path, links followed. */
export function lookAt(path: string): Promise<BigIntStats> {
  return stat(path, { bigint: true });
}
