/** What was found of an input of a job where its program was about to read it. */
import { z } from 'zod';
import { INPUT_STATES } from '../../disk/content/input-states.js';

/** As long as any note is. */
const MOST_NOTE = 500;

export const inputCheckSchema = z.object({
  /** Of the version. */
  id: z.string().max(100),
  state: z.enum(INPUT_STATES),
  /** What it had then, where that was found out and is not what was published: "<algorithm>:<hex>". */
  digest: z.string().max(200).nullable(),
  bytes: z.string().max(20).nullable(),
  /** For people: why it was not verified, or what is wrong; null for a verified one. */
  note: z
    .string()
    .max(MOST_NOTE + 1)
    .nullable(),
  at: z.coerce.date(),
});
export type InputCheck = z.infer<typeof inputCheckSchema>;

/** A note as long as it may be. */
export function noteOf(text: string): string {
  return (text.length > MOST_NOTE ? `${text.slice(0, MOST_NOTE)}…` : text).toWellFormed();
}
