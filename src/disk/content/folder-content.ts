/** A folder as the content of a version: a data set in parts, or a model of several files. */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Content, fingerprintOf, isSettled, type NoContent, type Question } from './content.js';
import { OF_CHOICE } from './digest.js';
import { contentOfFile, lookAt } from './file-content.js';

/** Each is looked at and kept in memory. */
const MOST_FILES = 200_000;
const MOST_LEVELS = 64;

interface Part {
  /** Within the folder, with "/" between its parts. */
  path: string;
  stat: BigIntStats;
}

/**
 * The SHA-256 of what `sha256sum` prints for all files below it, sorted by the bytes of their paths: the digest that a model of
 * several files has. Links to files are followed as any program follows them; of a folder with links to folders, or with what
 * is no file, nobody can say what belongs to it.
 */
export async function contentOfFolder(question: Question): Promise<Content> {
  const listed = await listParts(question);
  if ('why' in listed) return listed;
  const { parts, ...seen } = listed;
  const readAt = Date.now();
  const { known } = question;
  if (question.algorithm === null) return { found: 'SIZE', bytes: seen.bytes };
  if (known?.fingerprint === seen.fingerprint)
    return { found: 'FOLDER', ...known, bytes: seen.bytes, wasRead: false, isSettled: true };
  const listing = createHash(OF_CHOICE);
  for (const { path, stat } of parts) {
    const inside = join(question.path, path);
    const content = await contentOfFile({ ...question, path: inside, algorithm: OF_CHOICE, known: null }, stat);
    if ('why' in content) return { ...content, why: `holds "${shown(path)}", which ${content.why}` };
    if (!('digest' in content)) throw new Error('A digest was asked for.');
    listing.update(lineOf(path, content.digest.slice(OF_CHOICE.length + 1)));
  }
  const again = await listParts(question);
  if ('why' in again || again.fingerprint !== seen.fingerprint)
    return { found: 'CHANGING', why: 'changed while it was read' };
  const settled = parts.every(({ stat }) => isSettled(stat, readAt));
  return {
    found: 'FOLDER',
    ...seen,
    digest: `${OF_CHOICE}:${listing.digest('hex')}`,
    wasRead: true,
    isSettled: settled,
  };
}

/** As `sha256sum` prints it: a name that it has to escape is marked by a backslash before the hash. */
function lineOf(path: string, hex: string): string {
  const name = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${name === path ? '' : '\\'}${hex}  ${name}\n`;
}

async function listParts(
  question: Question,
): Promise<{ parts: Part[]; fingerprint: string; bytes: string } | NoContent> {
  const found: Part[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for await (const entry of await opendir(join(question.path, folder))) {
      question.signal?.throwIfAborted();
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (question.without?.includes(path)) continue;
      if (found.length + pending.length >= MOST_FILES) return foreign(`holds more than ${MOST_FILES} files`);
      if (entry.name.includes('\uFFFD')) return foreign(`holds "${shown(path)}", whose name is not UTF-8`);
      const stat = await lookAt(join(question.path, path));
      if (stat.isFile()) found.push({ path, stat });
      else if (!stat.isDirectory()) return foreign(`holds "${shown(path)}", which is no regular file`);
      else if (entry.isSymbolicLink()) return foreign(`holds "${shown(path)}", a link to a folder`);
      else if (path.split('/').length > MOST_LEVELS) return foreign(`holds folders more than ${MOST_LEVELS} deep`);
      else pending.push(path);
    }
  }
  const parts = found.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const prints = createHash(OF_CHOICE);
  for (const { path, stat } of parts) prints.update(`${fingerprintOf(stat)} ${path}\n`);
  const bytes = parts.reduce((sum, { stat }) => sum + stat.size, 0n);
  return { parts, fingerprint: `${parts.length}:${prints.digest('hex')}`, bytes: String(bytes) };
}

const foreign = (why: string): NoContent => ({ found: 'UNREADABLE', why });
const shown = (path: string): string => (path.length > 200 ? `${path.slice(0, 200)}…` : path).toWellFormed();
