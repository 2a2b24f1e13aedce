import type { AttemptKey } from './launcher.js';

const ATTEMPT_NAME = /^[a-z0-9][a-z0-9-]{0,46}-[1-9][0-9]{0,3}$/;

/**
 * The name of an attempt on every engine: "<job id>-<attempt>" in lower case, at most 52 characters of [a-z0-9-], which is
 * what the strictest of them (Kubernetes) takes. Throws a RangeError for a job id that does not give such a name.
 */
export function attemptName(key: AttemptKey): string {
  const name = `${key.jobId.toLowerCase()}-${key.attempt}`;
  if (!isAttemptName(name))
    throw new RangeError(`"${name}" cannot name an attempt: letters, digits and "-" only, at most 52.`);
  return name;
}

/** Whether a string can have come from `attemptName`. What cannot must never become a part of a path or an address. */
export function isAttemptName(name: string): boolean {
  return ATTEMPT_NAME.test(name) && name.length <= 52;
}
