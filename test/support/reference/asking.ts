import { isDeepStrictEqual } from 'node:util';
import type { Moment, Steps } from './events.js';
import type { ReferenceModel, Standpoint } from './model.js';
import type { Replay } from './replay.js';

/** When and as whom one asks. Moments count back from now; null: not given, so now. */
export interface Asked {
  viewer: string;
  asOf: number | null;
  knownAt: number | null;
}

/** The model of a history and the history as it happened in Weftline. */
export interface World {
  model: ReferenceModel;
  replay: Replay;
}

/** One field of a query, and what the model says of the answer. */
export interface Comparison {
  /** `name(arguments) { selection }`. */
  field: string;
  /** How many answers it holds. */
  answers: number;
  /** Throws when the server's answer is another than the model's. */
  check: (answer: unknown) => void;
}

export function standpoint({ viewer, asOf, knownAt }: Asked, { now }: ReferenceModel): Standpoint {
  return { viewer, asOf: now - (asOf ?? 0), knownAt: now - (knownAt ?? 0) };
}

/** The clocks as arguments, those that are given. */
export function clocks(asked: Asked, { model, replay }: World): string[] {
  const at = (name: string, moment: Moment): string => `${name}: "${replay.timeOf(moment)}"`;
  const { asOf, knownAt } = standpoint(asked, model);
  return [
    ...(asked.asOf === null ? [] : [at('asOf', asOf)]),
    ...(asked.knownAt === null ? [] : [at('knownAt', knownAt)]),
  ];
}

export function stepArguments({ direction, depth }: Steps): string[] {
  return [`direction: ${direction}`, `depth: ${depth}`];
}

/** The ids of these, as a list in a query. */
export function idsOf(names: readonly string[], { replay }: World): string {
  return JSON.stringify(names.map((name) => replay.id(name)));
}

/** Throws, with the question and both answers, when they differ. */
export function same(question: object, given: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(given, wanted)) return;
  const [asked, answered, right] = [question, given, wanted].map((each) => JSON.stringify(each));
  throw new Error(`Asked ${asked ?? ''}\nit answered   ${answered ?? ''}\nthe model says ${right ?? ''}`);
}
