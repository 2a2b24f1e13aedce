import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isThere } from '../../disk/presence.js';
import { parse } from 'yaml';
import { SetupError } from '../../neo4j/setup-error.js';
import type { RunResults } from './artifacts.js';
import type { Profile } from './dataset-namespace.js';

/** Which profile the caller named; what they left out is found as dbt finds it. */
export interface ProfileChoice {
  profilesDir?: string | undefined;
  profile?: string | undefined;
  target?: string | undefined;
}

const MOST_BYTES = 1_000_000;

/**
 * The target of the profile that a project ran with. dbt looks for profiles.yml in DBT_PROFILES_DIR, in the folder of the project and in
 * ~/.dbt, and takes the profile that dbt_project.yml names, and of it the target that the run named, or else the profile.
 */
export function readProfile(folder: string, choice: ProfileChoice, runResults: RunResults | null): Profile {
  const file = profilesFile(folder, choice);
  const profiles = objectIn(file, yamlOf(file));
  const name = choice.profile ?? runResults?.args?.profile ?? projectProfile(folder);
  const profile = objectIn(`${file}: the profile ${name}`, profiles[name]);
  const chosen = choice.target ?? runResults?.args?.target ?? profile['target'] ?? 'default';
  const target = rendered(file, 'target', chosen);
  const outputs = objectIn(`${file}: outputs of ${name}`, profile['outputs']);
  return renderedOf(file, objectIn(`${file}: the target ${target} of ${name}`, outputs[target]));
}

function profilesFile(folder: string, { profilesDir }: ProfileChoice): string {
  const folders =
    profilesDir === undefined
      ? [process.env['DBT_PROFILES_DIR'], dirname(resolve(folder)), join(homedir(), '.dbt')]
      : [profilesDir];
  const files = folders.filter((each) => each !== undefined).map((each) => join(each, 'profiles.yml'));
  const file = files.find((each) => isThere(each));
  if (file === undefined)
    throw new SetupError(
      `There is no ${files.join(', nor ')}: the namespace of the tables stands there. Give --profiles-dir or --dataset-namespace.`,
    );
  return file;
}

function projectProfile(folder: string): string {
  const file = join(dirname(resolve(folder)), 'dbt_project.yml');
  const name = isThere(file) ? objectIn(file, yamlOf(file))['profile'] : undefined;
  if (typeof name === 'string') return rendered(file, 'profile', name);
  throw new SetupError(`${file} names no profile. Give --profile or --dataset-namespace.`);
}

function yamlOf(file: string): unknown {
  const { size } = statSync(file);
  if (size > MOST_BYTES) throw new SetupError(`${file}: ${size} bytes are too many; at most ${MOST_BYTES} are read.`);
  try {
    return parse(readFileSync(file, 'utf8'), { maxAliasCount: 100 });
  } catch (cause) {
    // What YAML says of a fault shows the line, which may hold a password.
    throw new SetupError(`${file}: this is no YAML that can be read.`, { cause });
  }
}

function objectIn(where: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new SetupError(`${where}: it is not there. Give --profile and --target, or --dataset-namespace.`);
}

/** The keys that name tables. Passwords and keys stand beside them and are not looked at. */
const NAMING = ['type', 'path', 'host', 'server', 'software_host', 'port', 'account', 'region_name', 'method'];

function renderedOf(file: string, target: Profile): Profile {
  const told = NAMING.filter((key) => Object.hasOwn(target, key)).map((key) => {
    const value = target[key];
    return [key, typeof value === 'string' ? rendered(file, key, value) : value] as const;
  });
  return Object.fromEntries(told);
}

/** Of Jinja, what profiles are written with: env_var, with or without a default, and a filter for numbers. */
function rendered(file: string, key: string, value: unknown): string {
  if (typeof value !== 'string') throw new SetupError(`${file}: ${key} must be a text.`);
  const text = value.replaceAll(
    /\{\{ *env_var\( *['"](\w{1,200})['"] *(?:, *['"]([^'"]{0,500})['"] *)?\) *(?:\| *(?:as_number|int) *)?\}\}/g,
    (_, variable: string, fallback: string | undefined) => {
      const said = process.env[variable] ?? fallback;
      if (said === undefined)
        throw new SetupError(
          `${file}: ${key} is taken from ${variable}, which is not set. Set it, or give --dataset-namespace.`,
        );
      return said;
    },
  );
  if (text.includes('{{') || text.includes('{%'))
    throw new SetupError(`${file}: ${key} is written in Jinja that only dbt can read. Give --dataset-namespace.`);
  return text;
}
