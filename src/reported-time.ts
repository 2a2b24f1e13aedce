import { badInput } from './errors.js';

/** How far the clock of who reports may be ahead of ours. */
const AHEAD_MS = 60_000;

/** A time that is reported must have come; null when none was given. Throws BAD_USER_INPUT that names the argument. */
export function reportedTime(what: string, time: Date | null | undefined, now: Date): Date | null {
  if (time && time.getTime() > now.getTime() + AHEAD_MS)
    throw badInput(`\`${what}\` is ${time.toISOString()}, which is in the future.`);
  return time ?? null;
}
