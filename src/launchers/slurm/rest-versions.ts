/**
 * How a job is written in each version of the REST API of Slurm. The answers differ as well, but can be told apart by
 * their shape (rest-answers.ts). https://slurm.schedmd.com/rest_release_notes.html
 */
import type { SlurmRequest } from './access.js';

export interface SlurmRestVersion {
  /** "v0.0.38", as in its paths. */
  name: string;
  submission(request: SlurmRequest): Record<string, unknown>;
}

/** The tried ones first. */
const VERSIONS: readonly SlurmRestVersion[] = [
  {
    name: 'v0.0.38',
    submission: (request) => ({
      script: request.script,
      job: withoutNulls({
        ...common(request),
        environment: request.environment,
        gres: request.gres,
        memory_per_node: request.memoryMib,
        time_limit: request.minutes,
      }),
    }),
  },
  ...['v0.0.40', 'v0.0.41', 'v0.0.42', 'v0.0.39'].map((name) => ({
    name,
    submission: (request: SlurmRequest) => ({
      script: request.script,
      job: withoutNulls({
        ...common(request),
        environment: Object.entries(request.environment).map(([key, value]) => `${key}=${value}`),
        tres_per_node: request.gres === null ? null : `gres${name === 'v0.0.39' ? ':' : '/'}${request.gres}`,
        memory_per_node: numberOf(request.memoryMib),
        time_limit: numberOf(request.minutes),
      }),
    }),
  })),
];

const SUBMISSION = /^\/slurm\/(v\d+\.\d+\.\d+)\/job\/submit$/;
const ACCOUNTED = /^\/slurmdb\/(v\d+\.\d+\.\d+)\/jobs$/;

export interface SlurmRestOffer {
  version: SlurmRestVersion | null;
  /** All versions there are. */
  offered: string[];
  /** Whether jobs can be looked up in accounting under that version. */
  accounting: boolean;
}

/** The version to speak, from the paths that /openapi/v3 lists. */
export function chooseVersion(paths: readonly string[]): SlurmRestOffer {
  const offered = paths.flatMap((path) => SUBMISSION.exec(path)?.[1] ?? []);
  const version = VERSIONS.find(({ name }) => offered.includes(name)) ?? null;
  const accounting = paths.some((path) => version !== null && ACCOUNTED.exec(path)?.[1] === version.name);
  return { version, offered, accounting };
}

export const knownVersions = (): string[] => VERSIONS.map(({ name }) => name).sort();

function common(request: SlurmRequest): Record<string, unknown> {
  return {
    name: request.name,
    comment: `Weftline attempt ${request.name}`,
    account: request.account,
    partition: request.partition,
    qos: request.qos,
    tasks: 1,
    cpus_per_task: request.cpus,
    dependency: 'singleton',
    // A repetition is a new attempt, in a folder of its own.
    requeue: false,
    current_working_directory: request.folder,
    standard_output: `${request.folder}/slurm.log`,
  };
}

function numberOf(value: number | null): { number: number; set: true; infinite: false } | null {
  return value === null ? null : { number: value, set: true, infinite: false };
}

function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
