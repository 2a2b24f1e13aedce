/** What a token may report, where that is not all that its holder may: of which jobs, and into which namespaces. */
import { forbidden, type WeftlineError } from '../errors.js';
import { spelt } from '../spelling.js';
import { matchesWildcard } from '../wildcard.js';

/** Patterns in which `*` stands for any characters. Of a list that is empty, anything is as it says. */
export interface ReportLimits {
  /** Of jobs, and of what they write. */
  namespaces: readonly string[];
  /** Names of jobs. */
  jobs: readonly string[];
}

type At = (member: keyof Name) => string;

interface Name {
  namespace: string;
  name: string;
}

export const hasLimits = ({ namespaces, jobs }: ReportLimits): boolean => namespaces.length + jobs.length > 0;

/** Why a token with these limits may not say what the job reads and writes; null: it may. `at`: how what is wrong with it is called. */
export function beyondJobs(limits: ReportLimits | undefined, { namespace, name }: Name, at: At): WeftlineError | null {
  if (!limits) return null;
  if (!isWithin(limits.namespaces, namespace)) return refusal(at('namespace'), namespace, 'namespaces', limits);
  return isWithin(limits.jobs, name) ? null : refusal(at('name'), name, 'jobs', limits);
}

/** Why it may not say what is written there; null: it may. */
export function beyondNamespaces(
  limits: ReportLimits | undefined,
  { namespace }: Pick<Name, 'namespace'>,
  at: At,
): WeftlineError | null {
  if (!limits || isWithin(limits.namespaces, namespace)) return null;
  return refusal(at('namespace'), namespace, 'namespaces', limits);
}

/**
 * The first pattern that lets in what `own` keeps out; null: there is none. Read as a text, a pattern fits a wider one: only a `*` of that one
 * can stand for its own.
 */
export function widerThan(
  own: ReportLimits,
  wanted: ReportLimits,
): { list: keyof ReportLimits; pattern: string | null } | null {
  for (const list of ['namespaces', 'jobs'] as const) {
    if (own[list].length === 0) continue;
    if (wanted[list].length === 0) return { list, pattern: null };
    const pattern = wanted[list].find((narrow) => !own[list].some((wide) => matchesWildcard(wide, narrow)));
    if (pattern !== undefined) return { list, pattern };
  }
  return null;
}

const isWithin = (patterns: readonly string[], text: string): boolean =>
  patterns.length === 0 || patterns.some((pattern) => matchesWildcard(pattern, spelt(text)));

function refusal(place: string, value: string, list: keyof ReportLimits, limits: ReportLimits): WeftlineError {
  return forbidden(
    `${place} is ${JSON.stringify(cut(value))}, and your token reports only on ${list} as ${shown(limits[list])}. Use a token that does.`,
  );
}

const MOST_SHOWN = 5;

function shown(patterns: readonly string[]): string {
  const told = patterns.slice(0, MOST_SHOWN).map((pattern) => JSON.stringify(cut(pattern)));
  return patterns.length > MOST_SHOWN ? `${told.join(', ')} and ${patterns.length - MOST_SHOWN} more` : told.join(', ');
}

const cut = (text: string): string => (text.length > 100 ? `${text.slice(0, 100).toWellFormed()}…` : text);
