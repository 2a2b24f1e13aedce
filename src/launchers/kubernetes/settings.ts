import { z } from 'zod';

const namespace = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be the name of a namespace');
const objectName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be the name of a Kubernetes object');
const absolutePath = z.string().regex(/^\//, 'must be an absolute path');
const seconds = z.number().int().min(1);
const id = z.number().int().min(0);

const volume = z
  .strictObject({
    mountPath: absolutePath.describe('Where it is mounted in the containers: where the server sees the same files.'),
    claim: objectName.optional().describe('The PersistentVolumeClaim that holds the folder of the jobs.'),
    hostPath: absolutePath.optional().describe('Or a folder that every node has, such as a mount of NFS.'),
    subPath: z.string().min(1).optional().describe('A folder within the volume to be mounted instead of the whole.'),
    readOnly: z.boolean().default(false),
  })
  .refine((it) => (it.claim === undefined) !== (it.hostPath === undefined), 'needs either "claim" or "hostPath"');

const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
});

/** What is set for one cluster in the file of the launchers: docs/launchers/kubernetes.md explains each. */
export const kubernetesSettings = z.strictObject({
  kubeconfig: absolutePath.nullable().default(null).describe('null: the service account of the pod Weftline runs in.'),
  context: z.string().min(1).nullable().default(null).describe('null: the current context of the kubeconfig.'),
  instance: z
    .string()
    .regex(/^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?$/, 'must be fit for a label')
    .default('weftline')
    .describe('Tells the jobs of this Weftline from those of another one in the same namespace.'),
  namespace: namespace.describe('Where jobs run that name no queue.'),
  namespaces: z.array(namespace).default([]).describe('Further ones that jobs may name as their queue.'),
  image: z.string().min(1).nullable().default(null).describe('For jobs that name none; null: each job has to.'),
  imagePullSecrets: z.array(objectName).default([]),
  serviceAccount: objectName.nullable().default(null),
  gpuResource: z.string().min(1).default('nvidia.com/gpu'),
  gpus: z.number().int().min(0).nullable().default(null).describe('Most GPUs one job may ask for; null: any number.'),
  nodeSelector: z.record(z.string(), z.string()).default({}),
  gpuNodeSelector: z.record(z.string(), z.string()).default({}).describe('Added for jobs with GPUs: the kind of GPU.'),
  tolerations: z.array(toleration).default([]),
  priorityClass: objectName.nullable().default(null),
  cpus: z.number().positive().nullable().default(null).describe('For jobs that say nothing about CPUs.'),
  memoryBytes: id.nullable().default(null).describe('For jobs that say nothing about memory.'),
  sharedMemoryBytes: id
    .nullable()
    .default(null)
    .describe('Size of /dev/shm; null: what the nodes give, mostly 64 MiB.'),
  runAsUser: id
    .nullable()
    .default(null)
    .describe('Has to be able to use the folder of the jobs; null: the image says.'),
  runAsGroup: id.nullable().default(null),
  volumes: z.array(volume).min(1).describe('At least the one that holds the folder of the jobs.'),
  secrets: z
    .record(z.string(), z.strictObject({ secretName: objectName, key: z.string().regex(/^[-._a-zA-Z0-9]+$/) }))
    .default({})
    .describe('The secrets jobs may ask for, and where Kubernetes keeps each.'),
  startPatienceSeconds: seconds
    .default(120)
    .describe('How long an image or a secret may be missing before we give up.'),
  keepFinishedSeconds: seconds.default(86_400).describe('How long the cluster keeps the record of a job that is over.'),
  requestTimeoutSeconds: seconds.default(15),
});

export type KubernetesSettings = z.infer<typeof kubernetesSettings>;
