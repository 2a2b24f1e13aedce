import type { EngineTask } from '../engine/engine.js';
import type { SlurmAccess, SlurmRequest, SlurmSubmitted } from './access.js';
import type { SlurmSettings } from './settings.js';

const INVALID_PARTITION = 2000;
const MIB = 1_048_576;

/** What is asked of Slurm for a task. */
export function requestOf(task: EngineTask, settings: SlurmSettings): SlurmRequest {
  const { resources, limits, queue } = task.spec;
  const { runSeconds, graceSeconds } = limits;
  return {
    name: task.name,
    script: `#!/bin/sh\nexec ${task.command.map(quote).join(' ')}\n`,
    folder: task.folder,
    environment: task.environment,
    partition: queue ?? settings.partition ?? null,
    account: settings.account ?? null,
    qos: settings.qos ?? null,
    gres: resources.gpus === 0 ? null : `${settings.gres}:${resources.gpus}`,
    cpus: resources.cpus === null ? null : Math.max(1, Math.ceil(resources.cpus)),
    memoryMib: resources.memoryBytes === null ? null : Math.max(1, Math.ceil(resources.memoryBytes / MIB)),
    minutes: runSeconds === null ? null : Math.ceil((runSeconds + graceSeconds) / 60) + settings.marginMinutes,
  };
}

/** Why Slurm refused, which of our values that concerns, and what to do. */
export async function explainRefusal(
  refusal: Extract<SlurmSubmitted, { id: null }>,
  { request, gpus }: { request: SlurmRequest; gpus: number },
  access: SlurmAccess,
): Promise<string> {
  const { partition } = request;
  if (partition !== null && (refusal.code === INVALID_PARTITION || /invalid partition/i.test(refusal.reason))) {
    const known = await access.partitions();
    return `Slurm has no partition "${partition}". It has: ${known.join(', ')}. Name one of them as queue, or none.`;
  }
  const asked = [
    gpus === 0 ? null : `${gpus} GPUs (${request.gres ?? ''})`,
    request.cpus === null ? null : `${request.cpus} CPUs`,
    request.memoryMib === null ? null : `${request.memoryMib} MiB of memory`,
    request.minutes === null ? null : `${request.minutes} minutes`,
    partition === null ? 'the default partition' : `partition "${partition}"`,
    request.account === null ? null : `account "${request.account}"`,
    request.qos === null ? null : `QOS "${request.qos}"`,
  ].filter((part) => part !== null);
  const code = refusal.code === null ? '' : ` (error ${refusal.code})`;
  return `Slurm refused the job: ${refusal.reason}${code}. It asks for ${asked.join(', ')}, all on one node. Ask for less, or name another queue.`;
}

/** For sh: nothing within single quotes means anything. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
