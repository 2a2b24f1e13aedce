import { type Actor, viewerOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { decodeRights, type RightsFacts } from '../../auth/rights.js';
import { decodeAsset } from '../../catalog/model/asset.decode.js';
import type { Asset } from '../../catalog/model/asset.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import {
  ALIAS_SOURCES,
  ALIAS_STATES,
  type AliasProposal,
  type AliasState,
  type AliasWord,
  type AssetAlias,
  MOST_ALIASES,
  pairOf,
} from './alias.js';
import * as cypher from './alias.cypher.js';

/** null in a member: no such condition. */
export interface AliasConditions {
  assetId: string | null;
  states: readonly AliasState[] | null;
}

/** A proposal with the assets that its two names lead to now. */
export type TracedProposal = AliasProposal & { assetNow: string; sameAsNow: string };

export interface LockedOfPair {
  asset: Asset;
  rights: RightsFacts;
  /** Ids of what was joined into it. */
  joins: string[];
}

export class AliasRepository extends ActorReads {
  /** Locks both, in the order of their ids; only those the actor may see are in the answer. */
  async lockPair(tx: WriteTransaction, actor: Actor, ids: readonly string[]): Promise<Map<string, LockedOfPair>> {
    const rows = await tx.run(cypher.LOCK_PAIR, {
      ids: [...new Set(ids)].sort(),
      viewer: viewerOf(actor),
      now: this.now(),
    });
    return new Map(
      rows.map((row) => {
        const asset = decodeAsset(row.row('asset'));
        return [asset.id, { asset, rights: decodeRights(row.row('rights')), joins: row.texts('joins') }];
      }),
    );
  }

  /** What the actor may do with an asset that was set aside; null: there is none. */
  async rightsAside(tx: WriteTransaction, actor: Actor, id: string): Promise<RightsFacts | null> {
    const row = await tx.first(cypher.RIGHTS_ASIDE, { id, viewer: viewerOf(actor), now: this.now() });
    return row && decodeRights(row.row('rights'));
  }

  async create(tx: WriteTransaction, proposal: AliasProposal): Promise<void> {
    await tx.run(cypher.CREATE_PROPOSAL, { proposal: storedProposal(proposal) });
  }

  async lock(tx: WriteTransaction, id: string): Promise<AliasProposal | null> {
    const row = await tx.first(cypher.LOCK_PROPOSAL, { id, now: this.now() });
    return row && decodeProposal(row.row('proposal'));
  }

  /** The latest proposal of the two; null: there was none. */
  async latestOf(tx: WriteTransaction, one: string, other: string): Promise<AliasProposal | null> {
    const row = await tx.first(cypher.PROPOSALS_OF_PAIR, { pair: pairOf(one, other) });
    return row && decodeProposal(row.row('proposal'));
  }

  async change(tx: WriteTransaction, proposal: AliasProposal): Promise<void> {
    await tx.one(cypher.CHANGE_PROPOSAL, { id: proposal.id, changes: storedProposal(proposal) });
  }

  /** Whether who gave their word for the asset could still give it. */
  async stillSpeaks(tx: WriteTransaction, ownerId: string, assetId: string): Promise<boolean> {
    return (await tx.first(cypher.STILL_SPEAKS, { ownerId, assetId }))?.flag('speaks') ?? false;
  }

  async list(actor: Actor, conditions: AliasConditions, page: Page): Promise<PageRows<TracedProposal>> {
    const statement = pageStatement(cypher.LIST_PROPOSALS, page);
    const rows = await this.read(actor, statement.cypher, { ...conditions, ...statement.window });
    return cutPage(
      rows.map((row) => traced(row, actor.readsAsOf)),
      page,
    );
  }

  async count(actor: Actor, conditions: AliasConditions): Promise<number> {
    return (await this.read(actor, cypher.COUNT_PROPOSALS, { ...conditions }))[0]?.int('total') ?? 0;
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, TracedProposal>> {
    const rows = await this.read(actor, cypher.PROPOSALS_BY_ID, { ids, assetId: null });
    return new Map(rows.map((row) => [row.row('proposal').text('id'), traced(row, actor.readsAsOf)]));
  }

  /** By which other names the assets are known; nothing for what the actor may not see. */
  async aliasesOf(actor: Actor, ids: readonly string[]): Promise<Map<string, AssetAlias[]>> {
    // Names are kept without when an asset had them: to whoever sees all as of one time, only those of today could be told.
    if (actor.readsAsOf) return new Map();
    const rows = await this.read(actor, cypher.ALIASES_OF, { ids, most: BigInt(MOST_ALIASES) });
    return new Map(rows.map((row) => [row.text('id'), row.rows('aliases').map(decodeAlias)]));
  }
}

const wordOf = (row: Row, side: string): AliasWord | null => {
  const byId = row.maybeText(`${side}WordById`);
  return byId === null ? null : { byId, at: row.time(`${side}WordAt`) };
};

function storedProposal({ __typename, words, ...proposal }: AliasProposal): Parameters {
  return {
    ...proposal,
    pair: pairOf(proposal.assetId, proposal.sameAsId),
    ...{ assetWordById: words.asset?.byId ?? null, assetWordAt: words.asset?.at ?? null },
    ...{ sameAsWordById: words.sameAs?.byId ?? null, sameAsWordAt: words.sameAs?.at ?? null },
  };
}

/** As it was at the time: what was said, decided or undone later is not there. */
function traced(row: Row, then: Date | undefined): TracedProposal {
  const proposal = decodeProposal(row.row('proposal'));
  const ends = { assetNow: row.text('assetNow'), sameAsNow: row.text('sameAsNow') };
  if (then === undefined) return { ...proposal, ...ends };
  const isLater = (at: Date | null | undefined): boolean => at != null && at > then;
  const { asset, sameAs } = proposal.words;
  const words = { asset: isLater(asset?.at) ? null : asset, sameAs: isLater(sameAs?.at) ? null : sameAs };
  const undone = isLater(proposal.undoneAt)
    ? { state: 'ACCEPTED' as const, undoneAt: null, undoneById: null, undoReason: null }
    : {};
  const decided = isLater(proposal.decidedAt)
    ? { state: 'PROPOSED' as const, decidedAt: null, deciderId: null, decision: null, keepId: null }
    : {};
  return { ...proposal, ...ends, words, ...undone, ...decided };
}

function decodeProposal(row: Row): AliasProposal {
  return {
    __typename: 'AliasProposal',
    ...{ id: row.text('id'), assetId: row.text('assetId'), sameAsId: row.text('sameAsId') },
    ...{ assetUrn: row.text('assetUrn'), sameAsUrn: row.text('sameAsUrn') },
    state: ALIAS_STATES.find((state) => state === row.text('state')) ?? 'WITHDRAWN',
    ...{ proposerId: row.text('proposerId'), reason: row.maybeText('reason'), createdAt: row.time('createdAt') },
    keepId: row.maybeText('keepId'),
    words: { asset: wordOf(row, 'asset'), sameAs: wordOf(row, 'sameAs') },
    deciderId: row.maybeText('deciderId'),
    ...{ decidedAt: row.maybeTime('decidedAt'), decision: row.maybeText('decision') },
    undoneById: row.maybeText('undoneById'),
    ...{ undoneAt: row.maybeTime('undoneAt'), undoReason: row.maybeText('undoReason') },
  };
}

const decodeAlias = (row: Row): AssetAlias => ({
  urn: row.text('urn'),
  source: ALIAS_SOURCES.find((source) => source === row.text('source')) ?? 'RENAMED',
  since: row.maybeTime('since'),
});
