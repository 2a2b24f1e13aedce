import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { isTrustworthyUrl } from '../../config/oidc.js';

const name = z.string().regex(/^[\w.@-]{1,64}$/, 'must be a name of letters, digits and . _ @ -');
const path = z.string().refine(isAbsolute, 'must be an absolute path');

const rest = z
  .strictObject({
    url: z
      .string()
      .regex(/^https?:\/\/[^\s?#]+$/, 'must be an http:// or https:// address')
      .describe('Address of slurmrestd, without the version: "https://slurm.example:6820".'),
    user: name.describe(
      'User of Slurm the jobs run as; the token must be of this user, or of one who may act for all.',
    ),
    tokenFile: path.optional().describe('File with a token, read anew with each request: renew it there.'),
    tokenCommand: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Command that prints a token as `scontrol token` does, run without a shell.'),
    keyFile: path
      .optional()
      .describe('The HS256 key of the cluster, to sign tokens with. Whoever has it can be any user of the cluster.'),
    tokenSeconds: z.int().min(60).max(86_400).default(600).describe('How long tokens signed with `keyFile` last.'),
    allowPlainHttp: z
      .boolean()
      .default(false)
      .describe('Whether the token may go over plain http:// to another machine.'),
  })
  .refine(
    ({ tokenFile, tokenCommand, keyFile }) =>
      [tokenFile, tokenCommand, keyFile].filter((way) => way !== undefined).length === 1,
    'needs one of tokenFile, tokenCommand and keyFile',
  )
  .refine(({ url, allowPlainHttp }) => allowPlainHttp || isTrustworthyUrl(url), {
    message:
      'must be https:// (http:// only on loopback), or `allowPlainHttp` be set: the token could be read on the way',
    path: ['url'],
  });

const cli = z.strictObject({
  directory: path.optional().describe('Folder of sbatch, squeue and the others; without it, as PATH says.'),
  configFile: path.optional().describe('The slurm.conf they read; without it, the one of the machine.'),
  user: name.optional().describe('User the commands run as; without it, the one of the server.'),
});

/** How a Slurm is reached, and what its jobs are submitted with. */
export const slurmSettings = z
  .strictObject({
    rest: rest.optional().describe('By slurmrestd.'),
    cli: cli.optional().describe('By its commands on this machine, where there is no slurmrestd.'),
    partition: name.optional().describe("Partition of jobs that name no queue; without it, the cluster's default."),
    account: name.optional().describe('Account the jobs are charged to.'),
    qos: name.optional().describe('Quality of service of the jobs.'),
    gres: z
      .string()
      .regex(/^\w+(:[\w.-]+)?$/, 'must be like "gpu" or "gpu:a100"')
      .default('gpu')
      .describe('What Slurm calls a GPU here, with its type where there are several.'),
    marginMinutes: z
      .int()
      .min(1)
      .max(1_440)
      .default(2)
      .describe(
        'Added to the time limit given to Slurm: the exact limit is kept by the runner, this one if that fails.',
      ),
    timeoutSeconds: z.int().min(1).max(300).default(30).describe('Longest to wait for one answer of Slurm.'),
  })
  .refine((settings) => (settings.rest === undefined) !== (settings.cli === undefined), 'needs one of rest and cli');

export type SlurmSettings = z.infer<typeof slurmSettings>;
export type SlurmRestSettings = z.infer<typeof rest>;
export type SlurmCliSettings = z.infer<typeof cli>;
