import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The example programs and data, wherever the package lies. */
export const EXAMPLES = fileURLToPath(new URL('../../examples/penguins/', import.meta.url));

/** A file as a version tells of it. */
export interface FileFacts {
  uri: string;
  digest: string;
  bytes: number;
  rowCount: number;
}

export interface Split extends FileFacts {
  name: 'train' | 'test';
  fields: { name: string; type: string }[];
}

/** What is to be published of the raw file. */
export async function describeRawFile(path: string): Promise<FileFacts & { fields: { name: string }[] }> {
  const content = readFileSync(path);
  const [header = '', ...rows] = content.toString('utf8').trim().split('\n');
  const fields = header.split(',').map((name) => ({ name: name.replaceAll('"', '').trim() }));
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return { uri: pathToFileURL(path).href, digest, bytes: (await stat(path)).size, rowCount: rows.length, fields };
}

/** Really cleans and splits the raw file, in a child process; what it prints is what it made. */
export async function cleanAndSplit(
  rawFile: string,
  outputFolder: string,
): Promise<{ splits: Split[]; droppedRows: number }> {
  await mkdir(outputFolder, { recursive: true });
  const program = `${EXAMPLES}clean-and-split.mjs`;
  const args = [program, '--input', rawFile, '--output-dir', outputFolder, '--seed', '7', '--test-share', '0.25'];
  const { stdout } = await run(process.execPath, args);
  const report = JSON.parse(stdout) as {
    outputs: {
      name: 'train' | 'test';
      path: string;
      sha256: string;
      rows: number;
      bytes: number;
      fields: { name: string; type: string }[];
    }[];
    droppedRows: number;
  };
  const splits = report.outputs.map(({ name, path, sha256, rows, bytes, fields }) => ({
    name,
    uri: pathToFileURL(path).href,
    digest: `sha256:${sha256}`,
    bytes,
    rowCount: rows,
    fields: fields.map((field) => ({ name: field.name, type: field.type })),
  }));
  return { splits, droppedRows: report.droppedRows };
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

export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
