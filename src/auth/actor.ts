import { badInput, unauthenticated } from '../errors.js';
import { idAt } from '../ids.js';
import type { QueryOrigin } from '../neo4j/graph.js';
import type { GrantedUntil, HeldGrants } from './held-grants.repository.js';
import type { ReportLimits } from './report-limits.js';

export const ROLES = ['ADMIN', 'AUDITOR', 'MEMBER'] as const;
export type Role = (typeof ROLES)[number];

export const SCOPES = ['READ', 'WRITE', 'LAUNCH', 'HEALTH', 'REPORT', 'ADMIN'] as const;
export type Scope = (typeof SCOPES)[number];

/** The API token a caller signed in with: what they make with it falls with it. */
export interface Credential {
  tokenId: string;
  /** The tokens it was itself made with, one with the other, the oldest first. */
  madeWith: readonly string[];
  expiresAt: Date;
}

/** Who is calling, as established once per request; the first argument of every service method. */
export interface Actor {
  /** null: nobody has signed in. */
  id: string | null;
  name: string;
  role: Role | null;
  /** What the token in hand may be used for. */
  scopes: readonly Scope[];
  /** The caller and the teams they are a member of: whatever one of these owns, the caller owns. */
  principalIds: readonly string[];
  /** The grants that one of these holds. Absent: none that shows an asset. */
  grants?: HeldGrants;
  /** When what they signed in with ends; streams end then. Absent: never by itself. */
  expiresAt?: Date;
  /** Absent: no API token, but a token of the identity provider, or nobody. */
  credential?: Credential;
  /** What of lineage the token in hand may report, where that is not all that its holder may. Absent: all of it. */
  reportLimits?: ReportLimits;
  /** An outside auditor: sees everything as it was then. Absent: as it is. */
  readsAsOf?: Date;
  /** Nobody has signed in, but the settings let anyone find DISCOVERABLE assets (auth/discovery.ts). */
  discoversAnonymously?: boolean;
  /** Id of the approval on which Weftline does for them what they asked for. Absent: they ask themselves. */
  onApproval?: string;
  origin: QueryOrigin;
}

/** Who a token stands for, whichever request it comes with. */
export type SignedIn = Omit<Actor, 'origin'> & { expiresAt: Date };

/** Whose assets a viewer sees, decided before a statement is sent. One of these suffices; `null` and an empty list never do. */
interface Sight {
  /** All there are: ADMIN and AUDITOR. */
  seesAll: boolean;
  /** All that were registered by then: an outside auditor, who sees nothing by any other way. */
  seesUntil: Date | null;
  /** All of these visibilities. */
  sees: readonly 'DISCOVERABLE'[];
  /** All that one of these owns. */
  owns: readonly string[];
  /** Assets that are granted to one of these, and until when. */
  granted: HeldGrants | GrantedUntil;
}

/** The Cypher parameter `$viewer` that the visibility predicate and the rights fragment read (auth/rights.cypher.ts). */
export interface Viewer extends Sight {
  ids: readonly string[];
  /** Sees metadata of every asset: ADMIN and AUDITOR. */
  readsAll: boolean;
  /** Sees metadata of DISCOVERABLE assets: everyone who is signed in, and anyone where the settings say so. */
  discovers: boolean;
  /** Assets registered later are not there; null: no such bound. */
  asOf: Date | null;
  /** Things whose id is not below this are not there: ids rise with time. */
  ceiling: string;
}

/** Above every id. */
const NO_CEILING = '~';

export function viewerOf(actor: Actor): Viewer {
  const readsAll = readsEverything(actor);
  const discovers = actor.id !== null || actor.discoversAnonymously === true;
  return {
    ...sightOf(actor, readsAll, discovers),
    ids: actor.principalIds,
    readsAll,
    discovers,
    asOf: actor.readsAsOf ?? null,
    ceiling: actor.readsAsOf ? idAt(new Date(actor.readsAsOf.getTime() + 1)) : NO_CEILING,
  };
}

function sightOf(actor: Actor, readsAll: boolean, discovers: boolean): Sight {
  const nothing: Sight = { seesAll: false, seesUntil: null, sees: [], owns: [], granted: {} };
  if (actor.readsAsOf) return { ...nothing, seesUntil: readsAll ? actor.readsAsOf : null };
  if (readsAll) return { ...nothing, seesAll: true };
  return { ...nothing, sees: discovers ? ['DISCOVERABLE'] : [], owns: actor.principalIds, granted: actor.grants ?? {} };
}

/** The time a question is answered as of: what was asked for, or the time an auditor session is frozen at. Throws BAD_USER_INPUT beyond that. */
export function askedAsOf(actor: Actor, asked: Date | null | undefined): Date | null {
  const { readsAsOf } = actor;
  if (!readsAsOf) return asked ?? null;
  if (asked && asked > readsAsOf) {
    throw badInput(
      `This session sees everything as of ${readsAsOf.toISOString()}; ${asked.toISOString()} is later. Ask as of that time or before.`,
    );
  }
  return asked ?? readsAsOf;
}

/** Whether what was read for the one may be shown to the other: the same caller, with the same teams, role and scopes. */
export function hasSamePermissions(one: Actor, other: Actor): boolean {
  const standing = ({ id, role, scopes, principalIds }: Actor): string =>
    JSON.stringify([id, role, [...scopes].sort(), [...principalIds].sort()]);
  return standing(one) === standing(other);
}

/** The caller's id where only a signed-in caller can stand. */
export function actorId(actor: Actor): string {
  if (actor.id === null) throw unauthenticated('Sign in first: send "Authorization: Bearer <token>".');
  return actor.id;
}

/** Nobody; `discovers`: who may still find DISCOVERABLE assets. */
export function anonymous(origin: QueryOrigin, discovers = false): Actor {
  const nobody = { id: null, name: 'anonymous', role: null, scopes: [], principalIds: [], origin };
  return discovers ? { ...nobody, discoversAnonymously: true } : nobody;
}

/** Whether the caller sees the metadata of everything. */
export function readsEverything(actor: Actor): boolean {
  return actor.role === 'ADMIN' || actor.role === 'AUDITOR';
}

/** What WRITE includes. */
const WITHIN_WRITE: ReadonlySet<Scope> = new Set<Scope>(['HEALTH', 'REPORT']);

/** Whether a token with these scopes may be used for this. Who may write may also report health and lineage. */
export function hasScope(scopes: readonly Scope[], wanted: Scope): boolean {
  return scopes.includes(wanted) || (WITHIN_WRITE.has(wanted) && scopes.includes('WRITE'));
}

/** Whether the caller may administer now: their role allows it, and so does the token in hand. */
export function administers(actor: Actor): boolean {
  return actor.role === 'ADMIN' && actor.scopes.includes('ADMIN');
}

/** Weftline itself, acting on what a person asked for earlier: finishing the job that person launched. */
export function systemActor(operation: string): Actor {
  return {
    id: 'weftline',
    name: 'weftline',
    role: 'ADMIN',
    scopes: SCOPES,
    principalIds: [],
    origin: { requestId: operation, operation },
  };
}
