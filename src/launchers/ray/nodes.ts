/** What the nodes of a Ray cluster can hold. */
import { z } from 'zod';
import type { JobSpec } from '../port/launcher.js';
import type { RaySettings } from './settings.js';

const amount = z.number().default(0);

export const rayNodesSchema = z.object({
  result: z.literal(true),
  data: z.object({
    result: z.object({
      total: z.number(),
      num_after_truncation: z.number(),
      partial_failure_warning: z.string().nullish(),
      result: z.array(
        z.object({
          node_id: z.string(),
          state: z.string(),
          resources_total: z.object({ GPU: amount, CPU: amount, memory: amount }).nullish(),
        }),
      ),
    }),
  }),
});

export class RayNodes {
  private readonly nodes: z.infer<typeof rayNodesSchema>['data']['result']['result'];
  private readonly complete: boolean;

  constructor({ data: { result } }: z.infer<typeof rayNodesSchema>) {
    this.nodes = result.result;
    this.complete = result.num_after_truncation === result.total && (result.partial_failure_warning ?? '') === '';
  }

  /** All GPUs of the cluster. */
  gpus(): number {
    return this.alive().reduce((sum, node) => sum + node.gpus, 0);
  }

  count(): number {
    return this.alive().length;
  }

  /** Only what Ray knows to be dead, or does not list in a complete list, is gone. */
  isGone(id: string): boolean {
    const node = this.nodes.find((each) => each.node_id === id);
    return node === undefined ? this.complete : node.state === 'DEAD';
  }

  /** Why no node can ever take the job, which Ray would let wait; null when one can. A job has to fit on one node. */
  refuse(spec: JobSpec, settings: Pick<RaySettings, 'cpus' | 'maxGpus'>): { code: string; message: string } | null {
    const { gpus, memoryBytes } = spec.resources;
    const cpus = spec.resources.cpus ?? settings.cpus;
    const largest = Math.max(0, settings.maxGpus ?? 0, ...this.alive().map((node) => node.gpus));
    if (gpus > largest) {
      const message = `The job asks for ${gpus} GPUs, but the largest node of the Ray cluster has ${largest}. Ask for fewer or choose another launcher.`;
      return { code: 'TOO_MANY_GPUS', message };
    }
    // What an autoscaler would add is not known here.
    if (settings.maxGpus !== undefined || !this.complete) return null;
    const fits = this.alive().some(
      (node) => node.gpus >= gpus && node.cpus >= cpus && node.memory >= (memoryBytes ?? 0),
    );
    if (fits) return null;
    const asked = `${gpus} GPUs, ${cpus} CPUs and ${memoryBytes ?? 0} bytes of memory`;
    return {
      code: 'NO_SUCH_NODE',
      message: `The job asks for ${asked}, and none of the ${this.count()} nodes of the Ray cluster has all of that. Ask for less or choose another launcher.`,
    };
  }

  private alive(): { gpus: number; cpus: number; memory: number }[] {
    return this.nodes
      .filter((node) => node.state === 'ALIVE')
      .map(({ resources_total: has }) => ({ gpus: has?.GPU ?? 0, cpus: has?.CPU ?? 0, memory: has?.memory ?? 0 }));
  }
}
