/** What a program may say in its output manifest of how its model came about (docs/training-protocol.md, "Output"). */
import { z } from 'zod';
import { jsonObject } from '../../json/object.js';

const LARGEST_BYTES = 64 * 1024;

const digest = (name: string): z.ZodType<string> =>
  z
    .string(`"${name}" must be a text`)
    .regex(/^(\S+@)?sha256:[0-9a-f]{64}$/, `"${name}" must have the form sha256:<64 hex digits>, in lower case`);
const word = (name: string): z.ZodType<string> =>
  z.string(`"${name}" must be a text`).min(1, `"${name}" must not be empty`).max(2_000, `"${name}" is too long`);
const anything = (name: string) => jsonObject(`"${name}" must be an object`);

export const declaredSchema = z
  .object({
    environment: z
      .object(
        {
          imageDigest: digest('environment.imageDigest').optional(),
          packageLockDigest: digest('environment.packageLockDigest').optional(),
        },
        '"environment" must be an object',
      )
      .catchall(z.unknown())
      .default({}),
    seeds: z
      .record(
        z.string(),
        z.union([z.number(), z.string()], 'each of "seeds" must be a number or a text'),
        '"seeds" must be an object, such as {"numpy": 42}',
      )
      .default({}),
    hardware: anything('hardware').default({}),
    code: z
      .object(
        {
          repository: word('code.repository').optional(),
          revision: word('code.revision').optional(),
          path: word('code.path').optional(),
        },
        '"code" must be an object',
      )
      .catchall(z.unknown())
      .default({}),
  })
  .refine((declared) => Buffer.byteLength(JSON.stringify(declared)) <= LARGEST_BYTES, {
    message: `"environment", "seeds", "hardware" and "code" together must not be longer than ${LARGEST_BYTES} bytes`,
  });

/** {} in a member: the program did not say. */
export type DeclaredFacts = z.infer<typeof declaredSchema>;
