/** Opens the launchers a YAML file names (docs/launchers/README.md). */
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { SetupError } from '../neo4j/setup-error.js';
import { EngineLauncher } from './engine/engine-launcher.js';
import { engines, type OpenedEngine } from './engines.js';
import { messageOf } from './machine/errno.js';
import { type JobUser, openJobUser } from './machine/job-user.js';
import type { Launcher } from './port/launcher.js';
import { LocalLauncher, ownSupervisor } from './local/local.js';

const absolute = z.string().refine(isAbsolute, 'must be an absolute path');
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'must have a-z, 0-9 and "-" only, 41 characters at most');
const secret = z.string().regex(/^[\w.-]{1,100}$/, 'must have letters, digits and ". _ -" only');
const ofEach = {
  name,
  /** The file each secret is read from where programs run. */
  secrets: z.record(secret, absolute).default({}),
  /** Ids of the teams that alone may use a secret. */
  secretTeams: z.record(secret, z.array(z.uuid()).min(1)).default({}),
};

const local = z.strictObject({
  ...ofEach,
  kind: z.literal('local'),
  /** `jobs` in WEFTLINE_HOME, when not given. */
  directory: absolute.optional(),
  gpus: z.int().min(0).default(0),
  /** All that the server may use, when not given. */
  cpus: z.int().min(0).optional(),
  /** All that the machine or the container has, when not given. */
  memoryBytes: z.int().min(0).optional(),
  concurrentJobs: z.int().positive().default(2),
  /** Name of a user, uid, or uid:gid; the user of the server, when not given. */
  runAs: z.string().min(1).optional(),
});

const engine = z.strictObject({
  ...ofEach,
  kind: z.enum(['slurm', 'ray', 'kubernetes']),
  directory: absolute,
  runner: z.array(z.string().min(1)).min(1).optional(),
  settleSeconds: z.number().min(0).default(5),
  quietSeconds: z.number().min(10).default(30),
  settings: z.unknown().optional(),
});

const file = z.strictObject({
  launchers: z.array(z.discriminatedUnion('kind', [local, engine])).min(1),
});

/** The launchers of the file, in its order: the first that can serve a job is what a launch gets that names none. Throws SetupError with every problem, one a line. */
export function openConfigured(
  path: string,
  defaults: { directory: string; home: string; minFreeBytes?: number },
): Launcher[] {
  const parsed = file.safeParse(readYaml(path));
  if (!parsed.success) refuse(path, parsed.error.issues.map(describe));
  const { launchers } = parsed.data;
  const names = launchers.map((each) => each.name);
  const twice = names.filter((each, index) => names.indexOf(each) !== index);
  if (twice.length > 0) refuse(path, [`launchers: the name "${twice.join('", "')}" is given twice`]);
  return launchers.map((each, index) => {
    if (each.kind !== 'local') return openEngine(path, each, { index, ...defaults });
    const directory = each.directory ?? join(defaults.directory, each.name);
    return new LocalLauncher({
      name: each.name,
      directory,
      runAs: userOf(path, each.runAs, { directory, home: defaults.home }),
      gpus: each.gpus,
      cpus: each.cpus,
      memoryBytes: each.memoryBytes,
      maxConcurrent: each.concurrentJobs,
      secretFiles: each.secrets,
      secretTeams: each.secretTeams,
      minFreeBytes: defaults.minFreeBytes,
    });
  });
}

function userOf(
  path: string,
  runAs: string | undefined,
  places: { directory: string; home: string },
): JobUser | undefined {
  try {
    return runAs === undefined ? undefined : openJobUser(runAs, places);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return refuse(path, [error.message]);
  }
}

function openEngine(
  path: string,
  asked: z.infer<typeof engine>,
  { index, minFreeBytes }: { index: number; minFreeBytes?: number },
): Launcher {
  const { engine: opened, secrets } = engineOf(path, asked, index);
  return new EngineLauncher({
    name: asked.name,
    directory: asked.directory,
    minFreeBytes,
    runner: asked.runner ?? ownSupervisor(),
    engine: opened,
    engineSecrets: secrets,
    secretFiles: asked.secrets,
    secretTeams: asked.secretTeams,
    settleSeconds: asked.settleSeconds,
    quietSeconds: asked.quietSeconds,
  });
}

function engineOf(path: string, { kind, settings }: z.infer<typeof engine>, index: number): OpenedEngine {
  try {
    return engines[kind](settings ?? {});
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return refuse(
      path,
      error.issues.map((issue) => `launchers.${index}.settings.${describe(issue)}`),
    );
  }
}

function readYaml(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return refuse(path, [messageOf(error)]);
  }
}

function describe(issue: { path: PropertyKey[]; message: string }): string {
  return `${issue.path.map(String).join('.')}: ${issue.message}`;
}

function refuse(path: string, problems: readonly string[]): never {
  throw new SetupError(`The file of launchers ${path} has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`);
}
