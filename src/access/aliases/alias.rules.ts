import { type Actor, actorId } from '../../auth/actor.js';
import { may } from '../../auth/rights.js';
import type { Asset } from '../../catalog/model/asset.js';
import { badInput, conflict } from '../../errors.js';
import { newId } from '../../ids.js';
import type { AliasProposal, Side } from './alias.js';
import type { LockedOfPair } from './alias.repository.js';

export const SIDES: readonly Side[] = ['asset', 'sameAs'];
export type LockedPair = Readonly<Record<Side, LockedOfPair>>;

/** Throws BAD_USER_INPUT or CONFLICT for what cannot be one. */
export function checkProposable(one: Asset, other: Asset): void {
  if (one.id === other.id)
    throw badInput(`Both are names of ${one.urn} already. Name two data sets that are known apart.`);
  for (const { kind, urn } of [one, other])
    if (kind !== 'DATASET') throw badInput(`${urn} is a ${kind}; only data sets can be joined, both of them.`);
  refuseRetired(one, other);
}

/** Throws CONFLICT where owners agreed, and it cannot be done as things are. */
export function checkJoinable(kept: LockedOfPair, other: LockedOfPair): void {
  refuseRetired(kept.asset, other.asset);
  if (other.joins.length > 0)
    throw conflict(
      `Others were joined into ${other.asset.urn} before. Keep that one with \`keep\`, or take these back with undoAlias first.`,
    );
}

function refuseRetired(...assets: readonly Asset[]): void {
  const retired = assets.find(({ retiredAt }) => retiredAt !== null);
  if (retired) throw conflict(`${retired.urn} is retired. Take that back with retireAsset first.`);
}

/** Whoever proposes and is an OWNER of one of both has given the word of that one. */
export function newProposal(actor: Actor, pair: LockedPair, reason: string | null, now: Date): AliasProposal {
  const owns = (side: Side): boolean =>
    pair[side].rights.ownerRoles.includes('OWNER') && may(actor, pair[side].rights, 'MANAGE_OWNERS');
  const word = { byId: actorId(actor), at: now };
  const [asset, sameAs] = [owns('asset'), owns('sameAs')];
  return {
    __typename: 'AliasProposal',
    id: newId(),
    ...{ assetId: pair.asset.asset.id, sameAsId: pair.sameAs.asset.id },
    ...{ assetUrn: pair.asset.asset.urn, sameAsUrn: pair.sameAs.asset.urn },
    ...{ state: 'PROPOSED', proposerId: actorId(actor), reason, createdAt: now, keepId: null },
    words: { asset: asset ? word : null, sameAs: sameAs ? word : null },
    ...{ deciderId: null, decidedAt: null, decision: null, undoneById: null, undoneAt: null, undoReason: null },
  };
}

/** What an entry of the log about it concerns. */
export const assetsOf = ({ assetId, sameAsId }: AliasProposal): string[] => [assetId, sameAsId];
