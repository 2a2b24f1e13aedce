/** What a new token may report: never more than the token it is made with. */
import type { Scope } from '../../auth/actor.js';
import { hasLimits, type ReportLimits, widerThan } from '../../auth/report-limits.js';
import { badInput, forbidden } from '../../errors.js';
import { invisibleIn, spelt } from '../../spelling.js';

/** What a token with limits may be for: whatever else it could do would have none. */
const SCOPES_WITH_LIMITS: ReadonlySet<Scope> = new Set<Scope>(['READ', 'WRITE', 'REPORT']);
const MAX_PATTERNS = 50;
const MAX_CHARACTERS = 500;
/** More say nothing, and each is looked for. */
const MAX_STARS = 10;

interface Wanted {
  scopes: readonly Scope[];
  reportLimits?: { namespaces?: readonly string[] | null; jobs?: readonly string[] | null } | null;
}

/** The limits of the new token; null: none. Throws BAD_USER_INPUT, or FORBIDDEN for what is wider than `own`, those of the token in hand. */
export function limitsWithin(
  own: ReportLimits | undefined,
  { scopes, reportLimits: given }: Wanted,
): ReportLimits | null {
  const wanted: ReportLimits = {
    namespaces: given?.namespaces == null ? (own?.namespaces ?? []) : checked('namespaces', given.namespaces),
    jobs: given?.jobs == null ? (own?.jobs ?? []) : checked('jobs', given.jobs),
  };
  const wider = own && widerThan(own, wanted);
  if (wider)
    throw forbidden(
      `Your own token reports on fewer ${wider.list} than ${wider.pattern === null ? 'any' : JSON.stringify(wider.pattern)}, so it cannot give more. Leave the list out for the limits of your token.`,
    );
  if (!hasLimits(wanted)) {
    if (given != null)
      throw badInput('`reportLimits` limits nothing. Give a pattern in `namespaces` or in `jobs`, or leave it out.');
    return null;
  }
  const beyond = scopes.find((scope) => !SCOPES_WITH_LIMITS.has(scope));
  if (beyond)
    throw badInput(
      `A token with \`reportLimits\` can have the scopes ${[...SCOPES_WITH_LIMITS].join(', ')}, and not ${beyond}. Make another token for that.`,
    );
  return wanted;
}

function checked(list: keyof ReportLimits, given: readonly string[]): string[] {
  const place = `\`reportLimits.${list}\``;
  if (given.length > MAX_PATTERNS)
    throw badInput(`${place} has ${given.length} patterns; at most ${MAX_PATTERNS} are possible.`);
  return [...new Set(given.map((each) => checkedPattern(place, each)))];
}

function checkedPattern(place: string, given: string): string {
  const pattern = spelt(given);
  const length = [...pattern].length;
  if (length === 0)
    throw badInput(`${place} has an empty pattern. "*" is all; a list that is left out limits nothing.`);
  if (length > MAX_CHARACTERS)
    throw badInput(`${place} has a pattern of ${length} characters; at most ${MAX_CHARACTERS} are possible.`);
  const fault = pattern.isWellFormed() ? invisibleIn(pattern) : 'is not valid Unicode';
  if (fault !== null) throw badInput(`A pattern of ${place} ${fault}.`);
  if (pattern.split('*').length - 1 > MAX_STARS)
    throw badInput(
      `${place} has the pattern ${JSON.stringify(pattern)} with more than ${MAX_STARS} "*". Make several of it.`,
    );
  return pattern;
}
