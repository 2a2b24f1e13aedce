import { createHash } from 'node:crypto';
import { type Actor, actorId } from '../../auth/actor.js';
import { canonicalJson } from '../../audit/record/canonical-json.js';
import type { Asset } from '../../catalog/model/asset.js';
import { badInput, conflict } from '../../errors.js';
import type { Release, ReleaseRequest } from './release.js';

/** The request by its key, which is the actor's own; null when they gave none. Throws BAD_USER_INPUT. */
export function requestOf(actor: Actor, action: string, wish: ReleaseRequest): { key: string; hash: string } | null {
  if (wish.idempotencyKey == null) return null;
  const key = wish.idempotencyKey.trim();
  if (key === '' || [...key].length > 200) throw badInput('`idempotencyKey` must have 1 to 200 characters.');
  return { key: `${actorId(actor)}:${key}`, hash: hashOf(action, wish) };
}

/** Throws CONFLICT when the key was used for something else. */
export function sameOrConflict(known: { hash: string; release: Release }, hash: string): Release {
  if (known.hash === hash) return known.release;
  throw conflict('You released something else with this idempotency key. Use a new key for a new release.');
}

/** Throws CONFLICT when another release serves than the caller believes. */
export function checkExpected({ urn }: Asset, live: Release | null, { expectedCurrent }: ReleaseRequest): void {
  if (expectedCurrent === undefined || expectedCurrent === (live?.id ?? null)) return;
  const serves = live ? `the release ${live.id} serves` : 'nothing serves';
  const expected = expectedCurrent === null ? 'nothing' : `the release ${expectedCurrent}`;
  throw conflict(`On ${urn} ${serves} now, not ${expected} as you expected. Look at it, then ask again with that.`);
}

/** What tells two requests apart that bear the same key: everything they ask for. */
function hashOf(action: string, wish: object): string {
  const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
  return createHash('sha256').update(canonicalJson({ action, given })).digest('hex');
}
