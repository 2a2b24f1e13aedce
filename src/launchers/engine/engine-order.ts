import type { AttemptKey, JobSpec } from '../port/launcher.js';
import { refuseSpec } from '../run-folder/run-order.js';
import type { RunOrder } from '../run-folder/run-folder.js';
import { refuseSecrets, type SecretFiles, secretFilesOf } from '../files/secret-files.js';

/** A runner that is slow to show life, or misses a time or two, must not be taken for dead. */
const SIGNS_WITHIN_PATIENCE = 6;
const SLOWEST_SIGN_SECONDS = 5;

interface EngineSide {
  name: string;
  /** How long a runner may show no sign of life. */
  quietSeconds: number;
  secretFiles?: SecretFiles;
  engineSecrets?: readonly string[];
}

/** Why no engine could run such a job, before it is asked; null when it may. */
export function refuseForEngine(spec: JobSpec, side: EngineSide): { code: string; message: string } | null {
  const secrets = [...Object.keys(side.secretFiles ?? {}), ...(side.engineSecrets ?? [])];
  return refuseSpec(spec, { name: side.name, capacity: null }) ?? refuseSecrets(spec, { name: side.name, secrets });
}

/** The order as the runner reads it on the machine of the engine. */
export function orderForEngine(spec: JobSpec, key: AttemptKey, side: EngineSide): RunOrder {
  const fromEngine = side.engineSecrets ?? [];
  const inherited = Object.entries(spec.secrets).filter(([, secret]) => fromEngine.includes(secret));
  return {
    key,
    submittedAt: new Date().toISOString(),
    capacity: null,
    // The engine runs the runner as somebody, and that is who its program runs as.
    runAs: null,
    spec: { ...spec, command: [...spec.command], inputs: [...spec.inputs] },
    secretFiles: secretFilesOf(spec, side.secretFiles ?? {}),
    inherited: inherited.map(([variable]) => variable),
    aliveSeconds: Math.min(SLOWEST_SIGN_SECONDS, side.quietSeconds / SIGNS_WITHIN_PATIENCE),
  };
}
