import { type Actor, viewerOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import type { Statements } from '../../neo4j/statements.js';
import { type Action, ACTIONS } from '../policies/facts.js';
import * as cypher from './break-glass.cypher.js';
import * as model from './break-glass.js';
import type { BreakGlass, BreakGlassState, Cover } from './break-glass.js';

/** What of a list is asked for; null in a member: no such condition. */
export interface BreakGlassConditions {
  assetId: string | null;
  states: readonly BreakGlassState[] | null;
  toldTo: string | null;
}

/** What somebody does with something. */
interface Act {
  actorId: string;
  assetId: string;
  action: Action;
}

/** What covers an act at this moment. */
export async function coverOf(statements: Statements, act: Act, now: Date): Promise<Cover> {
  const [row] = await statements.run(cypher.COVER, { ...act, now });
  if (!row) throw new Error('breakGlass.cover returned no row.');
  const [id, until] = [row.maybeText('id'), row.maybeTime('until')];
  return {
    open:
      id === null || until === null
        ? null
        : { id, until, reason: row.text('reason'), isNotified: row.flag('isNotified') },
    overdueReviews: row.int('overdueReviews'),
  };
}

export class BreakGlassRepository extends ActorReads {
  /** null: no active person has that id. */
  async person(tx: WriteTransaction, id: string, assetId: string): Promise<{ isEntitled: boolean } | null> {
    const row = await tx.first(cypher.PERSON, { id, assetId });
    const role = row?.maybeText('role');
    return row && { isEntitled: role === 'ADMIN' || (role !== 'AUDITOR' && row.flag('isOwner')) };
  }

  async create(tx: WriteTransaction, glass: BreakGlass): Promise<void> {
    const { __typename, review, closedAt, closedById, ...breakGlass } = glass;
    const times = { activeUntil: model.endOf(glass), overdueFrom: model.reviewDueAt(glass) };
    await tx.run(cypher.CREATE_BREAK_GLASS, { breakGlass, ...times });
  }

  async activeOf(tx: WriteTransaction, actorId: string, assetId: string): Promise<BreakGlass | null> {
    const row = await tx.first(cypher.ACTIVE_OF, { actorId, assetId, now: this.now() });
    return row && decode(row.row('breakGlass'));
  }

  /** Id of the asset; null: there is none such, or the actor may not know of it. */
  async placeOf(tx: WriteTransaction, actor: Actor, id: string): Promise<string | null> {
    const row = await tx.first(cypher.BREAK_GLASS_PLACE, { id, viewer: viewerOf(actor), now: this.now() });
    return row?.text('assetId') ?? null;
  }

  async lock(tx: WriteTransaction, id: string): Promise<BreakGlass | null> {
    const row = await tx.first(cypher.LOCK_BREAK_GLASS, { id, now: this.now() });
    return row && decode(row.row('breakGlass'));
  }

  async close(tx: WriteTransaction, glass: BreakGlass): Promise<void> {
    const { id, closedAt: now, closedById: actorId } = glass;
    await tx.run(cypher.CLOSE_BREAK_GLASS, { id, now, actorId, overdueFrom: model.reviewDueAt(glass) });
  }

  async review(tx: WriteTransaction, id: string, review: NonNullable<BreakGlass['review']>): Promise<void> {
    const { byId: reviewedById, at: reviewedAt, verdict, text: reviewText } = review;
    await tx.run(cypher.REVIEW_BREAK_GLASS, { id, review: { reviewedById, reviewedAt, verdict, reviewText } });
  }

  async expired(statements: Statements, limit: number): Promise<string[]> {
    return (await statements.run(cypher.EXPIRED, { limit, now: this.now() })).map((row) => row.text('id'));
  }

  /** null: it was told already. */
  async tellExpiry(tx: WriteTransaction, id: string): Promise<BreakGlass | null> {
    const row = await tx.first(cypher.TELL_EXPIRY, { id, now: this.now() });
    return row && decode(row.row('breakGlass'));
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, BreakGlass>> {
    const rows = await this.read(actor, cypher.BREAK_GLASSES_BY_ID, { ids });
    return new Map(rows.map((row) => [row.row('breakGlass').text('id'), seen(actor, row)]));
  }

  /** The newest first. */
  async list(actor: Actor, conditions: BreakGlassConditions, page: Page): Promise<PageRows<BreakGlass>> {
    const statement = pageStatement(cypher.LIST_BREAK_GLASSES, page);
    const rows = await this.read(actor, statement.cypher, { ...conditions, ...statement.window });
    return cutPage(
      rows.map((row) => seen(actor, row)),
      page,
    );
  }

  async count(actor: Actor, conditions: BreakGlassConditions): Promise<number> {
    return (await this.read(actor, cypher.COUNT_BREAK_GLASSES, { ...conditions }))[0]?.int('total') ?? 0;
  }
}

const seen = ({ readsAsOf }: Actor, row: Row): BreakGlass =>
  model.breakGlassAsThen(decode(row.row('breakGlass')), readsAsOf);

function decode(row: Row): BreakGlass {
  return {
    ...{ __typename: 'BreakGlass', id: row.text('id'), assetId: row.text('assetId'), assetUrn: row.text('assetUrn') },
    actions: ACTIONS.filter((action) => row.texts('actions').includes(action)).sort(),
    ...{ reason: row.text('reason'), openedById: row.text('openedById'), openedAt: row.time('openedAt') },
    ...{ endsAt: row.time('endsAt'), secondPersonId: row.text('secondPersonId'), reviewHours: row.int('reviewHours') },
    ...{ closedAt: row.maybeTime('closedAt'), closedById: row.maybeText('closedById') },
    review: reviewIn(row),
  };
}

function reviewIn(row: Row): BreakGlass['review'] {
  const at = row.maybeTime('reviewedAt');
  const verdict = model.BREAK_GLASS_VERDICTS.find((each) => each === row.maybeText('verdict'));
  if (at === null || verdict === undefined) return null;
  return { at, verdict, byId: row.text('reviewedById'), text: row.text('reviewText') };
}
