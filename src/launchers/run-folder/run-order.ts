import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../disk/make-folder.js';
import { discard } from '../../disk/leftovers.js';
import { hasErrno } from '../machine/errno.js';
import { writeJson } from '../files/json-file.js';
import type { JobSpec } from '../port/launcher.js';
import { RunFolder, type RunOrder } from './run-folder.js';
import { type Capacity, demandOf } from './slots.js';

/** Why the launcher cannot take such a job, with what to do about it; null when it can. */
export function refuseSpec(
  spec: JobSpec,
  launcher: { name: string; /** null: the engine tells. */ capacity: Capacity | null },
): { code: string; message: string } | null {
  const tooMuch = launcher.capacity && refuseDemand(spec, launcher.name, launcher.capacity);
  if (tooMuch !== null) return tooMuch;
  const texts = [...spec.command, ...Object.entries(spec.environment).flat()];
  if ((spec.command[0] ?? '') !== '' && !texts.some((text) => text.includes('\0'))) return null;
  return {
    code: 'INVALID_COMMAND',
    message:
      'The command of the job needs a program as its first part, and neither it nor the environment may hold a NUL character.',
  };
}

function refuseDemand(
  { resources }: JobSpec,
  name: string,
  capacity: Capacity,
): { code: string; message: string } | null {
  const asked = demandOf(resources, capacity);
  const [gpus, cpus] = [capacity.gpus, capacity.cpus?.length ?? 0];
  const tooMany = (what: string, number: number, has: number): { code: string; message: string } => ({
    code: `TOO_MANY_${what.toUpperCase()}`,
    message: `The job asks for ${number} ${what}, but the launcher "${name}" has ${has}. Ask for fewer or choose another launcher.`,
  });
  if (asked.gpus > gpus) return tooMany('GPUs', asked.gpus, gpus);
  if (asked.cpus > cpus) return tooMany('CPUs', asked.cpus, cpus);
  const memory = capacity.memoryBytes ?? 0;
  if (asked.memoryBytes <= memory) return null;
  return {
    code: 'TOO_MUCH_MEMORY',
    message: `The job asks for ${asked.memoryBytes} bytes of memory, but the launcher "${name}" has ${memory}. Ask for less or choose another launcher.`,
  };
}

/**
 * Creates the folder of the run with its order and all the program will find there. False when the attempt was there
 * before. The rename decides: it gives the name to one folder only, and that one is complete.
 */
export async function placeOrder(run: RunFolder, order: RunOrder): Promise<boolean> {
  const draft = new RunFolder(join(dirname(run.path), '.incoming', randomUUID()));
  try {
    for (const folder of [draft.work, draft.output]) await makeFolder(folder);
    await writeFile(draft.inputs, JSON.stringify({ inputs: order.spec.inputs.map(({ madeBy: _, ...pin }) => pin) }), {
      mode: 0o600,
    });
    await writeFile(draft.parameters, JSON.stringify(order.spec.parameters), { mode: 0o600 });
    await writeFile(draft.events, '', { mode: 0o600 });
    await writeJson(draft.order, order);
    await rename(draft.path, run.path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw error;
  } finally {
    await discard(draft.path);
  }
}
