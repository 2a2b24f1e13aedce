import { z } from 'zod';

/** What a `runtime_env` may hold beside an `image_uri`: Ray refuses the rest. */
const BESIDE_AN_IMAGE = ['env_vars', 'config'];

/** How a Ray cluster is reached and what its jobs get. */
export const raySettings = z
  .strictObject({
    address: z
      .url({ protocol: /^https?$/ })
      .default('http://127.0.0.1:8265')
      .describe('Of the dashboard of the cluster, which serves the Jobs API.'),
    tokenFile: z
      .string()
      .min(1)
      .optional()
      .describe('File with the token of a cluster that runs with RAY_AUTH_MODE=token; read again for each question.'),
    timeoutSeconds: z.number().positive().default(10).describe('Longest to wait for an answer of Ray.'),
    cpus: z.number().positive().default(1).describe('CPUs reserved for a job that says nothing of CPUs.'),
    maxGpus: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe('GPUs of the largest node an autoscaler can add; when left out, only the nodes that are there count.'),
    runtimeEnv: z
      .looseObject({ env_vars: z.record(z.string(), z.string()).optional() })
      .default({})
      .describe('The runtime_env all jobs get: pip, working_dir and the like, as Ray defines them. No secrets.'),
    images: z
      .record(z.string(), z.string())
      .default({})
      .describe('Images jobs may ask for, each with the image_uri Ray gets for it. None: jobs must not name an image.'),
  })
  .refine(
    ({ images, runtimeEnv }) =>
      Object.keys(images).length === 0 || Object.keys(runtimeEnv).every((key) => BESIDE_AN_IMAGE.includes(key)),
    { path: ['images'], message: 'Ray takes no image beside a runtime_env with anything but env_vars and config.' },
  );

export type RaySettings = z.infer<typeof raySettings>;
