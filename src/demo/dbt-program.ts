import { execFile } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { makeFolderSync } from '../disk/make-folder.js';
import { isThere } from '../disk/presence.js';
import { SetupError } from '../neo4j/setup-error.js';
import { EXAMPLES } from './preparation.js';

const MOST_OUTPUT = 64 * 1024 * 1024;
const LINES_TOLD = 15;

/** dbt with the wrapper that reports what it does, as the demo runs it. */
export interface DbtProgram {
  /** The folder that dbt-ol and dbt lie in. */
  bin: string;
}

interface DbtTable {
  namespace: string;
  name: string;
}

/** The project of dbt in the examples, with a database of its own below the folder of the demo. */
export interface DbtProject {
  folder: string;
  /** The data set that it reads, and the one that the demo goes on with, as OpenLineage names tables of a file of DuckDB. */
  source: DbtTable;
  made: DbtTable;
  /** The file of the latter. */
  file: string;
}

/** Throws a SetupError that says what to install where there is none. */
export function findDbt(environment: Readonly<Record<string, string | undefined>>): DbtProgram {
  const cache = cacheOf(environment);
  const onPath = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const bin = [...onPath, ...installedIn(cache)].find((folder) => isThere(join(folder, 'dbt-ol')));
  if (bin !== undefined) return { bin };
  throw new SetupError(
    `There is no dbt-ol on the PATH or in ${cache}, and --with dbt needs one. Install it there with ".ci/install-producers dbt", or ` +
      'by "pip install dbt-core dbt-duckdb openlineage-dbt" in an environment of which the bin folder is on the PATH, and run the demo again.',
  );
}

/** Where .ci/install-producers puts producers. */
function cacheOf({
  WEFTLINE_CACHE: own = '',
  XDG_CACHE_HOME: caches = '',
}: Readonly<Record<string, string | undefined>>) {
  return own === '' ? join(caches === '' ? join(homedir(), '.cache') : caches, 'weftline') : own;
}

/** The newest first; what was not installed to its end is none. */
function installedIn(cache: string): string[] {
  if (!isThere(cache)) return [];
  const names = readdirSync(cache).filter((name) => name.startsWith('producer-dbt-'));
  const whole = names.filter((name) => isThere(join(cache, name, '.complete')));
  return whole
    .sort((one, other) => other.localeCompare(one, 'en', { numeric: true }))
    .map((name) => join(cache, name, 'bin'));
}

/** The project, copied to where dbt may write beside it; what an earlier run has made of data stays. */
export function layOutProject(folder: string): DbtProject {
  const project = join(folder, 'project');
  rmSync(project, { recursive: true, force: true });
  // What the demo makes is read by programs that may run as somebody else.
  makeFolderSync(folder, { mode: 0o777 });
  cpSync(join(EXAMPLES, 'dbt'), project, { recursive: true });
  const namespace = `duckdb://${join(folder, 'penguins.duckdb')}`;
  return {
    folder,
    source: { namespace, name: 'penguins.main.penguins_raw' },
    made: { namespace, name: 'penguins.main.full_clutches' },
    file: join(folder, 'full_clutches.csv'),
  };
}

/** Runs all of the project, and its tests. It is told an address and a token, and nothing else of Weftline. */
export async function buildProject(
  { bin }: DbtProgram,
  { folder }: DbtProject,
  { rawFile, reporting }: { rawFile: string; reporting: Readonly<Record<string, string>> },
): Promise<void> {
  const cwd = join(folder, 'project');
  const env = {
    PATH: [bin, process.env['PATH'] ?? ''].join(delimiter),
    HOME: homedir(),
    LC_ALL: 'C.UTF-8',
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
    PENGUINS_RAW: rawFile,
    PENGUINS_FOLDER: folder,
    ...reporting,
  };
  const args = ['build', '--profiles-dir', cwd];
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    execFile(join(bin, 'dbt-ol'), args, { cwd, env, maxBuffer: MOST_OUTPUT }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : numberOr(1, error.code), output: stdout + stderr }),
    );
  });
  if (code === 0) return;
  throw new SetupError(
    `dbt ended with ${code}. It wrote last:\n${output.trimEnd().split('\n').slice(-LINES_TOLD).join('\n')}`,
  );
}

/** One that could not be started has a word in place of a code. */
const numberOr = (otherwise: number, code: unknown): number => (typeof code === 'number' ? code : otherwise);
