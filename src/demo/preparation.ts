import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { makeFolder } from '../disk/make-folder.js';

const run = promisify(execFile);

/** The example programs and data, wherever the package lies. */
export const EXAMPLES = fileURLToPath(new URL('../../examples/penguins/', import.meta.url));

interface Field {
  name: string;
  type?: string;
}

/** A file as a version tells of it. */
export interface FileFacts {
  uri: string;
  /** "sha256:<hex>" */
  digest: string;
  bytes: number;
  rowCount: number;
}

export interface Split extends FileFacts {
  name: 'train' | 'test';
  fields: Field[];
}

/** One file in what clean-and-split.mjs prints. */
interface Reported {
  path: string;
  sha256: string;
  rows: number;
  bytes: number;
}

/** What is to be published of the raw file. */
export function describeRawFile(path: string): FileFacts & { fields: Field[] } {
  const content = readFileSync(path);
  const [header = '', ...rows] = content.toString('utf8').trim().split('\n');
  const fields = header.split(',').map((name) => ({ name: name.replaceAll('"', '').trim() }));
  return { ...factsOf({ path, sha256: sha256(content), rows: rows.length, bytes: content.length }), fields };
}

/** Really cleans and splits the raw file, in a child process; what it prints is what it made. */
export async function cleanAndSplit(
  rawFile: string,
  outputFolder: string,
): Promise<{ splits: Split[]; droppedRows: number }> {
  await makeFolder(outputFolder, { mode: 0o777 });
  const program = join(EXAMPLES, 'clean-and-split.mjs');
  const args = [program, '--input', rawFile, '--output-dir', outputFolder, '--seed', '7', '--test-share', '0.25'];
  const { stdout } = await run(process.execPath, args);
  const { outputs, droppedRows } = JSON.parse(stdout) as {
    outputs: (Reported & { name: Split['name']; fields: Field[] })[];
    droppedRows: number;
  };
  const splits = outputs.map(({ name, fields, ...file }) => ({
    name,
    ...factsOf(file),
    fields: fields.map((field) => ({ name: field.name, type: field.type ?? 'string' })),
  }));
  return { splits, droppedRows };
}

/** The commit the examples are at; null outside a git checkout. */
export async function gitRevision(): Promise<string | null> {
  try {
    return (await run('git', ['-C', EXAMPLES, 'rev-parse', 'HEAD'])).stdout.trim();
  } catch {
    // A downloaded archive has no history: the code is then told by its path alone.
    return null;
  }
}

/** What changes with any of the example programs, for they import each other: SHA-256 over all of them, in hex. */
export function digestOfPrograms(): string {
  const programs = readdirSync(EXAMPLES).filter((file) => file.endsWith('.mjs'));
  return sha256(
    programs
      .sort()
      .map((file) => `${file} ${sha256(readFileSync(join(EXAMPLES, file)))}\n`)
      .join(''),
  );
}

/** SHA-256 of a file, in hex. */
export const digestOf = (path: string): string => sha256(readFileSync(path));

function factsOf({ path, sha256: hex, rows, bytes }: Reported): FileFacts {
  return { uri: pathToFileURL(path).href, digest: `sha256:${hex}`, bytes, rowCount: rows };
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
