import { type Actor, viewerOf } from '../../auth/actor.js';
import { decodeRights, type RightsFacts } from '../../auth/rights.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import { OFFER_STATES, type OfferSide, type OfferState, type OwnershipOffer } from './offer.js';
import * as cypher from './ownership.cypher.js';

/** null in a member: no such condition. */
export interface OfferConditions {
  assetId: string | null;
  states: readonly OfferState[] | null;
  side: OfferSide | null;
}

export class OfferRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  async create(tx: WriteTransaction, offer: OwnershipOffer): Promise<void> {
    const { __typename, ...stored } = offer;
    await tx.one(cypher.CREATE_OFFER, { offer: stored });
  }

  /** The id of the open offer of the asset to that principal; null when there is none. */
  async openOfferTo(tx: WriteTransaction, assetId: string, toId: string): Promise<string | null> {
    return (await tx.first(cypher.OPEN_OFFER_TO, { assetId, toId, now: this.now() }))?.text('id') ?? null;
  }

  /** Locks the offer for the rest of the transaction; null when there is none. */
  async lock(
    tx: WriteTransaction,
    actor: Actor,
    id: string,
  ): Promise<{ offer: OwnershipOffer; rights: RightsFacts } | null> {
    const row = await tx.first(cypher.LOCK_OFFER, { id, viewer: viewerOf(actor), now: this.now() });
    return row && { offer: this.decode(row, true), rights: decodeRights(row.row('rights')) };
  }

  async close(
    tx: WriteTransaction,
    end: { id: string; state: OfferState; deciderId: string; decision: string | null },
  ): Promise<void> {
    await tx.one(cypher.CLOSE_OFFER, { ...end, now: this.now() });
  }

  async list(actor: Actor, conditions: OfferConditions, page: Page): Promise<PageRows<OwnershipOffer>> {
    const { cypher: text, window } = pageStatement(cypher.LIST_OFFERS, page);
    const rows = await this.read(actor, text, { ...conditions, ...window });
    return cutPage(
      rows.map((row) => this.decode(row, row.flag('visible'), actor.readsAsOf)),
      page,
    );
  }

  async count(actor: Actor, conditions: OfferConditions): Promise<number> {
    return (await this.read(actor, cypher.COUNT_OFFERS, { ...conditions }))[0]?.int('total') ?? 0;
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, OwnershipOffer>> {
    const rows = await this.read(actor, cypher.OFFERS_BY_ID, { ids });
    return new Map(
      rows.map((row) => [row.row('offer').text('id'), this.decode(row, row.flag('visible'), actor.readsAsOf)]),
    );
  }

  private read(actor: Actor, statement: string, parameters: Parameters): Promise<Row[]> {
    return this.graph.read(actor.origin, statement, {
      ...parameters,
      viewer: viewerOf(actor),
      now: actor.readsAsOf ?? this.now(),
    });
  }

  private decode(row: Row, visible: boolean, then?: Date): OwnershipOffer {
    const offer = row.row('offer');
    const until = offer.time('until');
    const decidedAt = offer.maybeTime('decidedAt');
    // What was decided after the time of an auditor session is not there.
    const later = then !== undefined && decidedAt !== null && decidedAt > then;
    const stored = later ? 'OPEN' : (OFFER_STATES.find((state) => state === offer.text('state')) ?? 'WITHDRAWN');
    const state = stored === 'OPEN' && until <= (then ?? this.now()) ? 'EXPIRED' : stored;
    return {
      __typename: 'OwnershipOffer',
      id: offer.text('id'),
      assetId: offer.text('assetId'),
      urn: visible || state === 'OPEN' ? offer.text('urn') : null,
      offererId: offer.text('offererId'),
      toId: offer.text('toId'),
      role: offer.text('role') === 'OWNER' ? 'OWNER' : 'STEWARD',
      replacesId: offer.maybeText('replacesId'),
      reason: offer.maybeText('reason'),
      state,
      createdAt: offer.time('createdAt'),
      until,
      decidedAt: later ? null : decidedAt,
      deciderId: later ? null : offer.maybeText('deciderId'),
      decision: later ? null : offer.maybeText('decision'),
    };
  }
}
