import type { TrainingJob } from './job.js';

/** Characters a note may have before nothing more is added to it; each addition is shorter than that again. */
const MOST_NOTE = 1_000;

/** The note of a job with what is to be said now, as a change of it: what it says already is not said again. */
export function noteChange(
  { reportNote }: Pick<TrainingJob, 'reportNote'>,
  said: readonly (string | null | undefined)[],
): { reportNote?: string } {
  const before = reportNote ?? '';
  const fresh = said.filter((text) => text != null && !before.includes(text));
  if (fresh.length === 0 || before.length > MOST_NOTE) return {};
  return { reportNote: [before, ...fresh].filter((text) => text !== '').join(' ') };
}
