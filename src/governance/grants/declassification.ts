/** What lets a transformation lower a label: asked for, approved by two, and worth something only for the very code that it is of (ADR 71). */
import type { Actor } from '../../auth/actor.js';
import { badInput } from '../../errors.js';
import type { Condition } from '../labels/condition.js';
import { covers, keyOf } from '../labels/dimensions.js';
import type { Dimension, LabelValue } from '../labels/label.js';

export const GRANT_STATES = ['REQUESTED', 'ACTIVE', 'REJECTED', 'REVOKED', 'EXPIRED', 'VOID'] as const;
export type GrantState = (typeof GRANT_STATES)[number];

/** So many approve before it lowers anything, each of them somebody else. */
export const APPROVERS = 2;
/** The longest life of a grant. */
const MOST_DAYS = 366;
/** What was rejected and has expired counts too: nothing of it is deleted. */
export const MOST_GRANTS = 200;
export const MOST_CONDITIONS = 20;

/** A word on a grant. */
interface Word {
  byId: string;
  at: Date;
}

/** One of the approvals: by an ADMIN, or by who takes care of all data that it is about. */
export interface GrantApproval extends Word {
  isAdmin: boolean;
}

/** The word by which one was ended. */
export interface GrantEnd extends Word {
  reason: string;
}

/** What lets runs of exactly one code lower a label. */
export interface DeclassificationGrant {
  __typename: 'DeclassificationGrant';
  id: string;
  transformationId: string;
  dimension: string;
  /** As texts; [] of an intersection, where `to` is what is allowed besides. */
  from: readonly string[];
  to: readonly string[];
  conditions: readonly Condition[];
  /** null: the command does not count, since no launched run is meant. */
  command: readonly string[] | null;
  /** Of the code and the command. */
  codeDigest: string;
  reason: string;
  requestedById: string;
  requestedAt: Date;
  expiresAt: Date;
  approvals: readonly GrantApproval[];
  /** Since when it lowers; null: not yet. */
  approvedAt: Date | null;
  rejected: GrantEnd | null;
  revoked: GrantEnd | null;
  /** Since when the transformation has, or had, other code; null: it never had. */
  voidedAt: Date | null;
}

/** What it is worth at a time. What ended it first says so. */
export function stateOf(grant: DeclassificationGrant, at: Date): GrantState {
  const ends = (
    [
      ['REJECTED', grant.rejected?.at],
      ['REVOKED', grant.revoked?.at],
      ['VOID', grant.voidedAt],
      ['EXPIRED', grant.expiresAt],
    ] as const
  ).flatMap(([state, time]) => (time && time <= at ? [{ state, time }] : []));
  const [first] = ends.toSorted((one, other) => one.time.getTime() - other.time.getTime());
  return first?.state ?? (grant.approvedAt !== null && grant.approvedAt <= at ? 'ACTIVE' : 'REQUESTED');
}

/** To an auditor session, what was said later is not there. */
export function asSeen({ readsAsOf }: Actor, grant: DeclassificationGrant): DeclassificationGrant {
  if (!readsAsOf) return grant;
  const until = <T extends { at: Date }>(word: T | null): T | null => (word && word.at <= readsAsOf ? word : null);
  const isBy = (time: Date | null): time is Date => time !== null && time <= readsAsOf;
  return {
    ...grant,
    approvals: grant.approvals.filter(({ at }) => at <= readsAsOf),
    approvedAt: isBy(grant.approvedAt) ? grant.approvedAt : null,
    voidedAt: isBy(grant.voidedAt) ? grant.voidedAt : null,
    ...{ rejected: until(grant.rejected), revoked: until(grant.revoked) },
  };
}

/** Throws BAD_USER_INPUT for what lowers nothing: to raise is free, and needs no grant. */
export function checkLowers(dimension: Dimension, from: LabelValue | null, to: LabelValue): void {
  const { name, kind } = dimension;
  if (kind === 'INTERSECTION') {
    if (from !== null)
      throw badInput(
        `\`${name}\` is what all of it allows, so a grant takes no \`from\`: \`to\` says what is allowed besides. Leave \`from\` empty.`,
      );
    return;
  }
  if (from === null) throw badInput(`\`from\` is empty: say which value of \`${name}\` is to be lowered.`);
  if (keyOf(from) === keyOf(to))
    throw badInput(`\`from\` and \`to\` are the same value of \`${name}\`, ${keyOf(to)}: that lowers nothing.`);
  if (covers(dimension, to, from))
    throw badInput(
      `From ${keyOf(from)} to ${keyOf(to)} raises \`${name}\`. To raise is free and needs no grant: declare the label with declareLabel.`,
    );
}

/** Throws BAD_USER_INPUT. */
export function checkLife(expiresAt: Date, now: Date): void {
  if (expiresAt <= now)
    throw badInput(
      `\`expiresAt\` is ${expiresAt.toISOString()}, which is not after ${now.toISOString()}, when this was asked.`,
    );
  const latest = new Date(now.getTime() + MOST_DAYS * 86_400_000);
  if (expiresAt > latest)
    throw badInput(
      `\`expiresAt\` is ${expiresAt.toISOString()}; a grant lives at most ${MOST_DAYS} days, until ${latest.toISOString()}. Ask again then.`,
    );
}
