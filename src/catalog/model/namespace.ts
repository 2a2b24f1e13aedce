import { type Actor, administers, readsEverything } from '../../auth/actor.js';
import type { Visibility } from './asset.js';

export const REGISTRATIONS = ['OPEN', 'OWNERS'] as const;
/** Who may register in a namespace. */
export type Registration = (typeof REGISTRATIONS)[number];

export const NAMESPACE_ACTIONS = ['REGISTER', 'MANAGE', 'SET_VISIBILITY'] as const;
export type NamespaceAction = (typeof NAMESPACE_ACTIONS)[number];

/** Who may be the first to register in a namespace that nobody has used. */
export type NewNamespaces = 'anyone' | 'administrators';

/** Where names live; its visibility is that of all its assets which have none of their own. */
export interface Namespace {
  __typename: 'Namespace';
  id: string;
  name: string;
  visibility: Visibility;
  /** What is set, or what goes with the visibility. */
  registration: Registration;
  registrationSet: boolean;
  /** Users, teams and service accounts who say who may register. */
  ownerIds: readonly string[];
  /** Those who may register besides. */
  registrarIds: readonly string[];
  /** After so many seconds without a sign a run that was reported is overdue; null: never. */
  runsOverdueAfterSeconds: number | null;
}

/** What decides who may register in a namespace, of one caller. */
export interface RegistrationTerms {
  /** Somebody has used or set the namespace. */
  known: boolean;
  registration: Registration;
  /** The caller, or a team of theirs, owns it. */
  owns: boolean;
  /** Its owners have admitted the caller or a team of theirs. */
  admitted: boolean;
}

/** What holds where nobody has said who may register: an open namespace is open, a restricted one is for its owners. */
export function registrationOf(set: string | null, visibility: Visibility): Registration {
  const known = REGISTRATIONS.find((each) => each === set);
  // Fails closed: a word that is not known here opens nothing.
  if (set !== null) return known ?? 'OWNERS';
  return visibility === 'RESTRICTED' ? 'OWNERS' : 'OPEN';
}

/** Whether the caller may bring a name into the namespace. */
export function mayRegister(
  actor: Actor,
  { known, registration, owns, admitted }: RegistrationTerms,
  newNamespaces: NewNamespaces,
): boolean {
  if (actor.id === null || actor.role === 'AUDITOR') return false;
  if (actor.role === 'ADMIN' || owns || admitted) return true;
  return known ? registration === 'OPEN' : newNamespaces === 'anyone';
}

/** What the caller may do with a namespace they know of, in the order of the enum. */
export function namespaceActionsOf(actor: Actor, namespace: Namespace): NamespaceAction[] {
  const { registration } = namespace;
  const [owns, admitted] = [isAmong(actor, namespace.ownerIds), isAmong(actor, namespace.registrarIds)];
  const may: Record<NamespaceAction, boolean> = {
    REGISTER: mayRegister(actor, { known: true, registration, owns, admitted }, 'administrators'),
    MANAGE: actor.role !== 'AUDITOR' && (owns || administers(actor)),
    SET_VISIBILITY: administers(actor),
  };
  return NAMESPACE_ACTIONS.filter((action) => may[action]);
}

/** Whom the caller may know to be admitted: their own team at work is the business of the owners. null: not told. */
export function registrarsTold(actor: Actor, { ownerIds, registrarIds }: Namespace): readonly string[] | null {
  return readsEverything(actor) || isAmong(actor, ownerIds) ? registrarIds : null;
}

/** The caller or a team of theirs is one of these. */
export function isAmong(actor: Actor, ids: readonly string[]): boolean {
  return actor.principalIds.some((id) => ids.includes(id));
}
