import { createHash } from 'node:crypto';
import { type Actor, actorId } from '../../auth/actor.js';
import { checkObject } from '../../catalog/assets/asset.changes.js';
import { badInput } from '../../errors.js';
import type { JobOrder, TrainingJob } from '../jobs/job.js';
import type { LaunchTrainingInput } from '../jobs/job.input.js';
import type { Needs } from '../../launchers/choice.js';

const GRACE_SECONDS = 10;
const MAX_COMMAND = 131_072;
const MAX_IMAGE = 500;

/** Reads what a launch asks for. Throws BAD_USER_INPUT naming the member that is wrong and what it should be. */
export function readOrder(input: LaunchTrainingInput, limits: { modelBytes: number; logBytes: number }): JobOrder {
  const { resources, timeoutSeconds, maxRetries } = input;
  const key = input.idempotencyKey.trim();
  if (key === '' || [...key].length > 200) throw badInput('`idempotencyKey` must have 1 to 200 characters.');
  if (input.inputs.length === 0)
    throw badInput('`inputs` is empty. Name the exact versions to train on, one at least.');
  if (resources.gpus < 0) throw badInput(`\`resources.gpus\` is ${resources.gpus}; it cannot be negative.`);
  if (resources.nodes < 1) throw badInput(`\`resources.nodes\` is ${resources.nodes}; at least 1 is needed.`);
  if (resources.cpus != null && resources.cpus <= 0)
    throw badInput(`\`resources.cpus\` is ${resources.cpus}; it must be above 0.`);
  if (resources.memoryBytes != null && resources.memoryBytes <= 0n)
    throw badInput('`resources.memoryBytes` must be above 0.');
  if (timeoutSeconds != null && timeoutSeconds < 1)
    throw badInput(`\`timeoutSeconds\` is ${timeoutSeconds}; at least 1 is needed.`);
  if (maxRetries != null && (maxRetries < 0 || maxRetries > 10))
    throw badInput(`\`maxRetries\` is ${maxRetries}; it must be from 0 to 10.`);
  checkLife(input);
  return {
    command: readCommand(input.command),
    environment: readEnvironment(input.environment),
    parameters: checkObject('parameters', input.parameters ?? {}),
    resources: {
      gpus: resources.gpus,
      cpus: resources.cpus ?? null,
      memoryBytes: resources.memoryBytes == null ? null : Number(resources.memoryBytes),
    },
    image: readImage(input.image),
    queue: readQueue(input.queue),
    secrets: readSecrets(input),
    limits: {
      runSeconds: timeoutSeconds ?? null,
      graceSeconds: GRACE_SECONDS,
      outputBytes: limits.modelBytes,
      logBytes: limits.logBytes,
    },
  };
}

/** What decides where a launch can run. */
export function needsOf({ image = null, queue = null, resources }: LaunchTrainingInput): Needs {
  const { gpus, nodes, cpus = null, memoryBytes } = resources;
  return { gpus, cpus, memoryBytes: memoryBytes == null ? null : Number(memoryBytes), nodes, image, queue };
}

/** What a launch is found again by. */
export function requestKeyOf(actor: Actor, input: Pick<LaunchTrainingInput, 'idempotencyKey'>): string {
  return `${actorId(actor)}:${input.idempotencyKey.trim()}`;
}

/** What tells two launches apart that bear the same key: everything they ask for. */
export function requestHashOf({ dryRun: _, ...input }: LaunchTrainingInput): string {
  return createHash('sha256').update(canonical(input)).digest('hex');
}

/** How a job begins its life. */
export function newLife(
  input: LaunchTrainingInput,
  now: Date,
): Pick<TrainingJob, 'policy' | 'attempt' | 'preemptions' | 'notBefore' | 'stopReason' | 'createdAt' | 'changedAt'> {
  const { queueTimeoutSeconds = null, retryOnExitCodes } = input;
  const policy = { queueSeconds: queueTimeoutSeconds, retryOnExitCodes: retryOnExitCodes ?? [] };
  return { policy, attempt: 1, preemptions: 0, notBefore: null, stopReason: null, createdAt: now, changedAt: now };
}

function checkLife({ queueTimeoutSeconds, retryOnExitCodes, maxRetries }: LaunchTrainingInput): void {
  if (queueTimeoutSeconds != null && queueTimeoutSeconds < 1)
    throw badInput(`\`queueTimeoutSeconds\` is ${queueTimeoutSeconds}; at least 1 is needed.`);
  const wrong = retryOnExitCodes?.find((code) => code < 1 || code > 255);
  if (wrong !== undefined)
    throw badInput(
      `\`retryOnExitCodes\` has ${wrong}; an exit code after which it makes sense to try again is from 1 to 255.`,
    );
  if (retryOnExitCodes?.length && !maxRetries)
    throw badInput('`retryOnExitCodes` does nothing without `maxRetries`. Say how often it may be tried again.');
}

function readCommand(command: readonly string[] | null | undefined): string[] {
  const words = [...(command ?? [])];
  if (words[0] === undefined || words[0].trim() === '')
    throw badInput('`command` is empty. Give the program and its arguments, such as ["python3", "train.py"].');
  if (words.length === 1 && /\s/.test(words[0].trim()))
    throw badInput(
      `\`command\` is one word with blanks, ${JSON.stringify(words[0].slice(0, 100))}, and would be looked for as the name of one program. Was a list meant? ${JSON.stringify(words[0].trim().split(/\s+/).slice(0, 10))}; for a shell ["sh", "-c", "…"]; for a program with a blank in its path ["env", "/opt/my tool"].`,
    );
  if (words.some((word) => word.includes('\0'))) throw badInput('`command` has a NUL character.');
  const length = words.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0);
  if (length > MAX_COMMAND) throw badInput(`\`command\` has ${length} bytes; at most ${MAX_COMMAND} are possible.`);
  return words;
}

function readImage(image: string | null | undefined): string | null {
  if (image == null) return null;
  if (image.trim() === '' || image.length > MAX_IMAGE)
    throw badInput(`\`image\` has ${image.length} characters; it must be the name of an image, 1 to ${MAX_IMAGE}.`);
  return image;
}

function readQueue(queue: string | null | undefined): string | null {
  if (queue == null) return null;
  if (/^[\w.@-]{1,64}$/.test(queue)) return queue;
  throw badInput(`\`queue\` is "${queue.slice(0, 80)}"; it must have letters, digits and . _ @ - only, 1 to 64.`);
}

function readSecrets({ secrets, environment }: LaunchTrainingInput): Record<string, string> {
  const asked = checkObject('secrets', secrets ?? {});
  for (const [variable, name] of Object.entries(asked)) {
    checkVariable(variable);
    if (Object.hasOwn(environment ?? {}, variable))
      throw badInput(`${variable} is given both in \`environment\` and in \`secrets\`. Give it once.`);
    // What stands here may be the secret itself, given by mistake: it is not repeated.
    if (typeof name !== 'string' || !/^[\w.-]{1,100}$/.test(name))
      throw badInput(`\`secrets.${variable}\` must be the name of a secret of the launcher, never its value.`);
  }
  return asked as Record<string, string>;
}

function checkVariable(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw badInput(`"${name.slice(0, 60)}" cannot be the name of an environment variable.`);
  if (name.startsWith('WEFTLINE_') || name === 'CUDA_VISIBLE_DEVICES')
    throw badInput(`The environment variable ${name} is set by Weftline itself; choose another name.`);
}

function readEnvironment(environment: Record<string, unknown> | null | undefined): Record<string, string> {
  const variables = checkObject('environment', environment ?? {});
  for (const [name, value] of Object.entries(variables)) {
    checkVariable(name);
    if (typeof value !== 'string' || value.includes('\0'))
      throw badInput(
        `The environment variable ${name} must be a string; structured values belong into \`parameters\`.`,
      );
  }
  return variables as Record<string, string>;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'bigint') return member.toString();
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
