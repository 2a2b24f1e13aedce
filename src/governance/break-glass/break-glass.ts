import type { Asset } from '../../catalog/model/asset.js';
import { badInput } from '../../errors.js';
import type { Action, Facts } from '../policies/facts.js';

export const BREAK_GLASS_STATES = ['ACTIVE', 'REVIEW_DUE', 'REVIEW_OVERDUE', 'REVIEWED'] as const;
export type BreakGlassState = (typeof BREAK_GLASS_STATES)[number];

export const BREAK_GLASS_VERDICTS = ['JUSTIFIED', 'UNJUSTIFIED'] as const;
export type BreakGlassVerdict = (typeof BREAK_GLASS_VERDICTS)[number];

export const BREAK_GLASS_CHANGES = ['OPENED', 'CLOSED', 'EXPIRED', 'REVIEWED'] as const;
export type BreakGlassChange = (typeof BREAK_GLASS_CHANGES)[number];
/** As the audit log calls what becomes of one. */
export const BREAK_GLASS_ACTIONS: Readonly<Record<BreakGlassChange, string>> = {
  OPENED: 'breakGlass:open',
  CLOSED: 'breakGlass:close',
  EXPIRED: 'breakGlass:expire',
  REVIEWED: 'breakGlass:review',
};

/** The word of somebody else on an emergency that is over. */
interface Review {
  byId: string;
  at: Date;
  verdict: BreakGlassVerdict;
  text: string;
}

/** An emergency: for a time, policies that say so give way to one person who does some things with one asset. Rights never do. */
export interface BreakGlass {
  __typename: 'BreakGlass';
  id: string;
  assetId: string;
  /** The name of the asset at the time. */
  assetUrn: string;
  actions: readonly Action[];
  reason: string;
  openedById: string;
  openedAt: Date;
  /** When it ends by itself. */
  endsAt: Date;
  /** Who is told of it. */
  secondPersonId: string;
  /** null: it was not ended early. */
  closedAt: Date | null;
  closedById: string | null;
  /** Time for the review, from the end on. */
  reviewHours: number;
  review: Review | null;
}

/** What can be done with assets of each kind that policies decide about. */
const ACTIONS_ON: Readonly<Record<Asset['kind'], readonly Action[]>> = {
  DATASET: ['publishDatasetVersion', 'retireAsset', 'export'],
  MODEL: ['publishModelVersion', 'retireAsset', 'export'],
  TRANSFORMATION: ['launchTraining', 'retireAsset', 'export'],
  DEPLOYMENT: ['deployModel', 'retireAsset', 'export'],
};

export const endOf = ({ closedAt, endsAt }: BreakGlass): Date => closedAt ?? endsAt;

export const reviewDueAt = (glass: BreakGlass): Date =>
  new Date(endOf(glass).getTime() + glass.reviewHours * 3_600_000);

export function stateOf(glass: BreakGlass, now: Date): BreakGlassState {
  if (now < endOf(glass)) return 'ACTIVE';
  if (glass.review) return 'REVIEWED';
  return now < reviewDueAt(glass) ? 'REVIEW_DUE' : 'REVIEW_OVERDUE';
}

/** To an auditor session, what was said later is not there. */
export function breakGlassAsThen(glass: BreakGlass, then: Date | undefined): BreakGlass {
  if (!then) return glass;
  const wasClosed = glass.closedAt !== null && glass.closedAt <= then;
  return {
    ...glass,
    ...(wasClosed ? {} : { closedAt: null, closedById: null }),
    review: glass.review && glass.review.at <= then ? glass.review : null,
  };
}

/** Throws BAD_USER_INPUT where there is nothing to read. */
export function textOf(name: string, given: string): string {
  const text = given.trim();
  if (text === '') throw badInput(`\`${name}\` is empty: say why, for those who read it later.`);
  return text;
}

/** Throws BAD_USER_INPUT for no time, and for more than the installation allows. */
export function checkMinutes(minutes: number, maxHours: number): void {
  if (minutes >= 1 && minutes <= maxHours * 60) return;
  throw badInput(
    `\`minutes\` is ${minutes}. An emergency lasts from 1 to ${maxHours * 60} minutes here; open another one if it goes on.`,
  );
}

/** Each action once, in the order of their names. Throws BAD_USER_INPUT for none, and for what is not done with such an asset. */
export function actionsFor({ kind, urn }: Asset, given: readonly Action[]): Action[] {
  const fitting = ACTIONS_ON[kind];
  if (given.length === 0) throw badInput(`\`actions\` is empty. Of ${urn} it can be for ${fitting.join(', ')}.`);
  const wrong = given.find((action) => !fitting.includes(action));
  if (wrong) throw badInput(`${wrong} is not done with ${urn}, a ${kind}. It can be for ${fitting.join(', ')}.`);
  return [...new Set(given)].sort();
}

/** Whether the same is asked for again. */
export function isSameOpening(
  one: BreakGlass,
  other: Pick<BreakGlass, 'actions' | 'reason' | 'secondPersonId'> & { minutes: number },
): boolean {
  return (
    one.reason === other.reason &&
    one.secondPersonId === other.secondPersonId &&
    one.actions.join() === other.actions.join() &&
    one.endsAt.getTime() - one.openedAt.getTime() === other.minutes * 60_000
  );
}

/** What covers an action of somebody on an asset at a moment. */
export interface Cover {
  /** null: nothing does. */
  open: { id: string; reason: string; until: Date; isNotified: boolean } | null;
  /** Earlier emergencies of theirs whose review is overdue. */
  overdueReviews: number;
}

/** What policies learn of it. */
export function coverFacts({ open, overdueReviews }: Cover, now: Date): NonNullable<Facts['breakGlass']> {
  if (open === null) return { active: false, reason: '', secondsLeft: 0, secondPersonNotified: false, overdueReviews };
  return {
    ...{ active: true, reason: open.reason, secondPersonNotified: open.isNotified, overdueReviews },
    secondsLeft: Math.ceil((open.until.getTime() - now.getTime()) / 1_000),
  };
}
