import type { Dirent } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { errnoName } from '../../disk/disk-fault.js';

/** The formats that are read, by the ending of a name; text compressed with gzip too. */
const FORMATS: readonly (readonly [ending: string, format: FileFormat])[] = [
  ['.csv', 'csv'],
  ['.tsv', 'csv'],
  ['.csv.gz', 'csv'],
  ['.tsv.gz', 'csv'],
  ['.parquet', 'parquet'],
  ['.json', 'json'],
  ['.jsonl', 'json'],
  ['.ndjson', 'json'],
  ['.json.gz', 'json'],
  ['.jsonl.gz', 'json'],
  ['.ndjson.gz', 'json'],
];

export type FileFormat = 'csv' | 'parquet' | 'json';

/** A file to be read, by the path that it really has. */
export interface FoundFile {
  path: string;
  format: FileFormat;
}

/** Something that could not be read, and why. */
export interface Unread {
  path: string;
  why: string;
}

export type Found = { file: FoundFile } | { unread: Unread } | { beyond: number };

/** What a search is for. */
export interface Search {
  folder: string;
  /** Which paths within the folder; null for all. */
  pattern: string | null;
  maxFiles: number;
}

/** A folder, a file, or a pattern such as data/**\/*.csv: a pattern begins at the first part with a sign of it. */
export async function searchFor(given: string, maxFiles: number): Promise<Search> {
  const there = await stat(given).catch((error: unknown) => {
    if (errnoName(error) === 'ENOENT' && hasSigns(given)) return null;
    throw error;
  });
  if (there?.isDirectory() === true) return { folder: resolve(given), pattern: null, maxFiles };
  if (there !== null) return { folder: resolve(dirname(given)), pattern: literal(basename(given)), maxFiles };
  const parts = given.split('/');
  const first = parts.findIndex(hasSigns);
  const folder = resolve(parts.slice(0, first).join('/') || (given.startsWith('/') ? '/' : '.'));
  return { folder, pattern: parts.slice(first).join('/'), maxFiles };
}

const hasSigns = (text: string): boolean => /[*?[{]/.test(text);
/** A name with signs that stand for themselves. */
const literal = (name: string): string => name.replaceAll(/[*?[\]{}()!@+\\]/g, String.raw`\$&`);

const formatOf = (name: string): FileFormat | null =>
  FORMATS.find(([ending]) => name.toLowerCase().endsWith(ending))?.[1] ?? null;

/**
 * The files of a search in the order of their names. Each file and folder is visited once, under its real path: links that lead in a
 * circle end, and a file with two names is one. What is hidden is left alone.
 */
export async function* findFiles(search: Search): AsyncGenerator<Found> {
  const seen = new Set<string>();
  let count = 0;
  for await (const found of within(search.folder, '', search, seen)) {
    if ('file' in found && (count += 1) > search.maxFiles) continue;
    yield found;
  }
  if (count > search.maxFiles) yield { beyond: count - search.maxFiles };
}

async function* within(folder: string, way: string, search: Search, seen: Set<string>): AsyncGenerator<Found> {
  let entries: Dirent[];
  try {
    const real = await realpath(folder);
    if (seen.has(real)) return;
    seen.add(real);
    entries = await entriesOf(folder);
  } catch (error) {
    yield { unread: { path: folder, why: whyNot(error) } };
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const inner = way === '' ? entry.name : `${way}/${entry.name}`;
    try {
      const kind = entry.isSymbolicLink() ? await stat(path) : entry;
      if (kind.isDirectory()) yield* within(path, inner, search, seen);
      else if (kind.isFile()) yield* asked(path, inner, search, seen);
    } catch (error) {
      if (isAsked(inner, search)) yield { unread: { path, why: whyNot(error) } };
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  for await (const entry of await opendir(folder)) if (!entry.name.startsWith('.')) entries.push(entry);
  return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
}

const isAsked = (inner: string, { pattern }: Search): boolean =>
  formatOf(inner) !== null && (pattern === null || picomatch.isMatch(inner, pattern));

async function* asked(path: string, inner: string, search: Search, seen: Set<string>): AsyncGenerator<Found> {
  const format = formatOf(inner);
  if (format === null || !isAsked(inner, search)) return;
  const real = await realpath(path);
  if (seen.has(real)) return;
  seen.add(real);
  yield { file: { path: real, format } };
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  ENOENT: 'it is not there any more, or the link leads nowhere',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its path is too long',
};

/** Why something cannot be read, in words. */
export function whyNot(error: unknown): string {
  const name = errnoName(error);
  if (name !== null) return WHY[name] ?? name;
  return error instanceof Error ? error.message : String(error);
}
