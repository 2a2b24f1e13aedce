/**
 * Who looks at an input of a job: whoever its program runs as. Where that is another user than the runner's, a process of that
 * user does: nobody learns, from a digest, of what the program itself may not read.
 */
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Content, Question } from '../../disk/content/content.js';
import { readContent } from '../../disk/content/read-content.js';
import { causeOf } from '../../disk/disk-fault.js';
import type { JobUser } from '../machine/job-user.js';
import { signalGroup } from '../machine/process-group.js';
import { startAs } from '../machine/start-as.js';
import { cleanEnvironment } from '../run-folder/environment.js';

/** What of a question can be put to another process. */
export type Asked = Pick<Question, 'path' | 'algorithm' | 'known' | 'without'>;

/** Rejected with the reason of the signal when that ends it. */
export type Look = (asked: Asked, signal: AbortSignal) => Promise<Content>;

/** The word by which the runner is told to look, and not to stand by a job. */
export const LOOK_COMMAND = '--look-at-input';
/** An answer is one line. */
const MOST_ANSWER = 16_384;

/** As the user of this process. Throws the system's error for what the machine does to any file. */
export const lookAsSelf: Look = (asked, signal) => readContent({ ...asked, signal });

/** As the user, in these groups too. What cannot be looked at so is not readable. `runner`: how this process was started. */
export function lookAs(user: JobUser, groups: readonly number[], runner: readonly string[]): Look {
  return async (asked, signal) => {
    signal.throwIfAborted();
    const command = [...runner, LOOK_COMMAND, JSON.stringify(asked)];
    const child = await startAs(user, groups, { command, cwd: '/', env: cleanEnvironment() });
    child.stderr.resume();
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    try {
      return answerOf(await Promise.race([text(child.stdout), ended]), user);
    } finally {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    }
  };
}

/** What the process that was started so does. */
export async function tellLook(question: string): Promise<void> {
  const content = await readContent(JSON.parse(question) as Asked).catch((error: unknown): Content => ({
    found: 'UNREADABLE',
    why: `could not be read: ${causeOf(error)}`,
  }));
  process.stdout.write(JSON.stringify(content));
}

const why = z.string().max(1_000);
const bytes = z.string().regex(/^\d{1,20}$/);
const contentSchema = z.union([
  z.object({
    found: z.enum(['FILE', 'FOLDER']),
    ...{ fingerprint: z.string().max(200), digest: z.string().max(200), bytes },
    ...{ wasRead: z.boolean(), isSettled: z.boolean() },
  }),
  z.object({ found: z.literal('SIZE'), bytes }),
  z.object({ found: z.literal('CHANGING'), why, bytes }),
  z.object({ found: z.enum(['NOTHING', 'UNREADABLE', 'CHANGING']), why }),
]) satisfies z.ZodType<Content>;

function answerOf(said: string, { name }: JobUser): Content {
  const { success, data } = contentSchema.safeParse(parsed(said));
  return success ? data : { found: 'UNREADABLE', why: `could not be looked at as the user "${name}"` };
}

function parsed(said: string): unknown {
  try {
    return said.length > MOST_ANSWER ? null : JSON.parse(said);
  } catch {
    return null; // It did not get to say anything.
  }
}
