import type { TrainingJob } from './job.js';
import type { JobChange } from '../worker/job-lifecycle.js';
import { noteChange } from './job.note.js';
import { KeptMetrics } from '../../launchers/run-folder/kept-metrics.js';
import type { JobHandle, Launcher } from '../../launchers/port/launcher.js';

const EVENTS_AT_ONCE = 1_000;
/** Pages of reports read at one look: a program that reports without end must not hold up the other jobs. */
const PAGES_AT_ONCE = 20;

const SKIPPED =
  'Not all reports were read: the program wrote them faster than they are read, and the older ones were passed over.';

const NOT_UNDERSTOOD =
  'Some lines of its reports were not understood and passed over; `linesNotUnderstood` says how many.';

/** What the program has reported since the last look, as changes of the job; `more`: not all of it was read. */
export async function readReports(
  job: TrainingJob,
  launcher: Launcher,
  handle: JobHandle,
): Promise<{ reported: JobChange; more: boolean }> {
  const metrics = new KeptMetrics(job.metrics);
  let { progress, eventsCursor: cursor } = job;
  let events = 0;
  let skipped = 0;
  let notUnderstood = 0;
  let more = true;
  for (let page = 0; more && page < PAGES_AT_ONCE; page++) {
    const read = await launcher.events(handle, {
      ...(cursor === null ? {} : { after: cursor }),
      limit: EVENTS_AT_ONCE,
    });
    for (const event of read.events) {
      if (event.type === 'metric') metrics.set(event.name, event.value);
      else progress = event.fraction;
    }
    events += read.events.length;
    notUnderstood += read.invalidLines;
    skipped += read.skippedBytes ?? 0;
    more = read.cursor !== cursor;
    ({ cursor } = read);
  }
  const place = {
    ...(cursor === job.eventsCursor ? {} : { eventsCursor: cursor }),
    ...(notUnderstood > 0 ? { linesNotUnderstood: BigInt(job.linesNotUnderstood + notUnderstood) } : {}),
    ...noteChange(job, [
      metrics.note,
      skipped > 0 ? SKIPPED : null,
      job.linesNotUnderstood + notUnderstood > 0 ? NOT_UNDERSTOOD : null,
    ]),
  };
  if (events === 0) return { reported: place, more };
  const values = JSON.stringify(metrics.toObject());
  return { reported: { ...place, metrics: values, progress, reports: job.reports + 1 }, more };
}
