/** Whether the inputs of a job still are what its versions were published with, found out right before its program begins. */
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Content } from '../../disk/content/content.js';
import type { InputCheck } from '../port/input-check.js';
import type { InputPin } from '../port/launcher.js';
import type { LogWriter } from '../logs/log-writer.js';
import { StartFault } from '../machine/start-fault.js';
import type { RunFolder, RunOrder, RunVerdict } from '../run-folder/run-folder.js';
import { comparedBy, judgeContent, judgeElsewhere, refusalOf } from './input-judgement.js';
import { type Asked, type Look, lookAs, lookAsSelf } from './input-look.js';
import { KnownContents } from './known-contents.js';
import { failed, judgeStartError } from './outcome.js';
import { MANIFEST } from './output-manifest.js';
import { groupsFor } from './run-ownership.js';

const LOOK_MS = 500;
/** What is told of inputs is kept with the verdict, which has a limit. */
const MOST_NOTES = 200;

export interface CheckedInputs {
  checks: InputCheck[];
  /** Why the program must not begin; null when it may. */
  refusal: Pick<RunVerdict, 'state' | 'failure'> | null;
}

interface Surroundings {
  log: LogWriter;
  /** How this process was started, but for the folder of its run. */
  runner: readonly string[];
  isUnwanted: () => Promise<boolean>;
}

/** null: nobody wants the job any more. Where the machine keeps an input from being read, the next try may find that mended. */
export async function checkInputs(run: RunFolder, order: RunOrder, means: Surroundings): Promise<CheckedInputs | null> {
  const pins = order.spec.inputs;
  if (pins.length === 0) return { checks: [], refusal: null };
  const { runAs } = order;
  const look = runAs === null ? lookAsSelf : lookAs(runAs, groupsFor(run, order), means.runner);
  const known = new KnownContents(dirname(run.path));
  try {
    const checks = await unlessUnwanted(means.isUnwanted, (signal) =>
      checkAll(pins, { look, known, signal }, means.log),
    );
    if (checks === null) return null;
    const refusal = refusalOf(pins, checks);
    return { checks: withFewNotes(checks), refusal: refusal && failed(refusal.code, refusal.message) };
  } catch (error) {
    if (!(error instanceof StartFault)) throw error;
    console.error('The inputs could not be checked.', error);
    return { checks: [], refusal: await judgeStartError(error, { command: '', folder: run.work }) };
  }
}

interface Means {
  look: Look;
  known: KnownContents;
  signal: AbortSignal;
}

async function checkAll(pins: readonly InputPin[], means: Means, log: LogWriter): Promise<InputCheck[]> {
  const checks: InputCheck[] = [];
  for (const pin of pins) {
    const check =
      pin.path === null ? judgeElsewhere(pin, new Date()) : await checkOne({ ...pin, path: pin.path }, means, log);
    log.note(`Input ${pin.urn}@${pin.version}: ${check.state}.${check.note === null ? '' : ` ${check.note}`}`);
    checks.push(check);
  }
  return checks;
}

async function checkOne(pin: InputPin & { path: string }, means: Means, log: LogWriter): Promise<InputCheck> {
  const { look, known, signal } = means;
  const plain: Asked = { path: pin.path, algorithm: comparedBy(pin), without: withoutOf(pin) };
  const asked = { ...plain, known: plain.algorithm === null ? null : await known.of(plain) };
  if (asked.known === null && asked.algorithm !== null) log.note(`Reading the input ${pin.urn}@${pin.version}.`);
  const content = await faultless(pin, () => look(asked, signal));
  if ('wasRead' in content && !content.wasRead)
    log.note(`The input ${pin.urn}@${pin.version} looks as it did when it was last read.`);
  await known.note(plain, content);
  return judgeContent(pin, content, new Date());
}

/** The manifest of a model is no part of it. */
function withoutOf({ madeBy }: InputPin): string[] {
  return madeBy == null ? [] : [MANIFEST];
}

async function faultless(pin: InputPin, look: () => Promise<Content>): Promise<Content> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Unwanted || error instanceof StartFault) throw error;
    throw new StartFault(`The input ${pin.urn}@${pin.version} could not be read`, error);
  }
}

/** Asks again and again meanwhile whether the job is still wanted: what is large takes long. */
async function unlessUnwanted<T>(
  isUnwanted: () => Promise<boolean>,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const [ending, done] = [new AbortController(), new AbortController()];
  const watch = async (): Promise<void> => {
    while (!done.signal.aborted) {
      // What cannot be told now is told by the next look.
      if (await isUnwanted().catch(() => false)) ending.abort(new Unwanted('The job is not wanted any more.'));
      await delay(LOOK_MS, undefined, { signal: done.signal, ref: false }).catch(() => undefined);
    }
  };
  const watching = watch();
  try {
    return await action(ending.signal);
  } catch (error) {
    if (error instanceof Unwanted) return null;
    throw error;
  } finally {
    done.abort();
    await watching;
  }
}

class Unwanted extends Error {
  override readonly name = 'Unwanted';
}

function withFewNotes(checks: readonly InputCheck[]): InputCheck[] {
  let notes = 0;
  return checks.map((check) => (check.note !== null && ++notes > MOST_NOTES ? { ...check, note: null } : check));
}
