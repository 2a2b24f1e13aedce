import { type Actor, askedAsOf } from '../../auth/actor.js';
import { badInput } from '../../errors.js';

/** The two clocks of a question as a client asks them; null or absent: now. */
export interface ClocksAsked {
  asOf?: Date | null | undefined;
  knownAt?: Date | null | undefined;
}

/** The two clocks of a question: what was true at `asOf`, as far as it had been recorded by `knownAt`. */
export interface Clocks {
  asOf: Date;
  knownAt: Date;
}

/**
 * The clocks a question is answered by: now, unless it or an auditor session says otherwise. Throws BAD_USER_INPUT for a time
 * in the future, and for one later than that of the session.
 */
export function clocksOf(actor: Actor, asked: ClocksAsked, now: Date): Clocks {
  return { asOf: parseAsOf(actor, 'asOf', asked.asOf, now), knownAt: parseAsOf(actor, 'knownAt', asked.knownAt, now) };
}

/**
 * The time at which facts of the catalog are read: they become true when they are recorded, so the earlier clock decides.
 * null: as they are now. Throws as `clocksOf`.
 */
export function effectiveCatalogTime(actor: Actor, asked: ClocksAsked, now: Date): Date | null {
  const { asOf, knownAt } = clocksOf(actor, asked, now);
  if (asked.asOf == null && asked.knownAt == null && !actor.readsAsOf) return null;
  return asOf < knownAt ? asOf : knownAt;
}

/** What is shown as of a time that was asked for, with all that hangs on it; absent: as it is now. */
export interface ShownThen {
  shownAt?: Date;
}

/** The same, to be shown as of the time of `effectiveCatalogTime`. */
export function shownThen<T extends ShownThen>(thing: T, shownAt: Date | null): T {
  return shownAt === null ? thing : { ...thing, shownAt };
}

/** One time of a question by the name of its argument; now, when not given. Throws as `clocksOf`. */
export function parseAsOf(actor: Actor, name: string, asked: Date | null | undefined, now: Date): Date {
  if (asked && asked > now) {
    throw badInput(
      `\`${name}\` is ${asked.toISOString()}, which is in the future; it is ${now.toISOString()}. Give a time that has come, or leave it out for now.`,
    );
  }
  return askedAsOf(actor, asked) ?? now;
}
