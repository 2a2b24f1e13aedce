/** What a supervisor makes of what a program left. A fault of the machine is none of the program's: it is waited for. */
import { causeOf } from '../../disk/disk-fault.js';
import { hostHardware } from '../machine/host-hardware.js';
import type { JobUser } from '../machine/job-user.js';
import type { JobOutput } from '../port/launcher.js';
import type { Patience } from './room.js';
import type { RunFolder, RunOrder, RunVerdict } from '../run-folder/run-folder.js';
import { failed, passing } from './outcome.js';
import type { LogWriter } from '../logs/log-writer.js';
import { collectOutput } from './output-collector.js';
import { OutputRefused } from '../port/output-refused.js';
import { takeBack } from './run-ownership.js';

type OutputVerdict = Pick<RunVerdict, 'state' | 'failure' | 'output'>;

/** Null once what the program left is the server's; else the verdict, for what others may still change is no model. */
export async function judgeTakingBack(
  run: RunFolder,
  user: JobUser,
  patiently: Patience,
): Promise<OutputVerdict | null> {
  try {
    await takeBack(run, user, patiently);
    return null;
  } catch (error) {
    console.error('What the program left could not be taken back.', error);
    return unread(`What the program left could not be taken back from its user: ${causeOf(error)}.`);
  }
}

/** The model the program left, or why there is none. */
export async function judgeOutput(
  run: RunFolder,
  order: RunOrder,
  { log, patiently }: { log: LogWriter; patiently: Patience },
): Promise<OutputVerdict> {
  try {
    const output = await collectOutput(run.output, order.spec.limits.outputBytes, patiently);
    if (output.note !== undefined) log.note(output.note);
    return { state: 'SUCCEEDED', failure: null, output: withHost(output) };
  } catch (error) {
    if (error instanceof OutputRefused) return { ...failed(error.code, error.message), output: null };
    // Whatever a program leaves, its job has an end.
    console.error('The output could not be judged.', error);
    return unread(`What the program left in its output folder could not be read: ${causeOf(error)}.`);
  }
}

/** The next try may find it mended: it is no fault of the program. */
function unread(what: string): OutputVerdict {
  const more = 'Whoever runs the launcher has to mend that. Start the job again then.';
  return { ...passing('RESULT_INVALID', `${what} ${more}`), output: null };
}

/** The machine is told by who runs on it: the program may add to that, and say it otherwise. */
function withHost(output: JobOutput): JobOutput {
  if (output.declared === undefined) return output;
  const hardware = { host: hostHardware(), ...output.declared.hardware };
  return { ...output, declared: { ...output.declared, hardware } };
}
