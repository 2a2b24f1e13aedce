import { type Actor, viewerOf } from '../../auth/actor.js';
import { ACTIONS, type Action, decodeRights, type RightsFacts } from '../../auth/rights.js';
import { cutPage, type Page, type PageRows, type PagedStatement, pageStatement } from '../../graphql/page.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import {
  type AccessGrant,
  type AccessRequest,
  grantAsThen,
  requestAsThen,
  type GrantSide,
  REQUEST_STATES,
  type RequestSide,
  type RequestState,
} from './access.js';
import * as cypher from './access.cypher.js';

/** null in a member: no such condition. */
export interface RequestConditions {
  assetId: string | null;
  states: readonly RequestState[] | null;
  side: RequestSide | null;
}

export interface GrantConditions {
  assetId: string | null;
  liveOnly: boolean;
  side: GrantSide | null;
}

export interface LockedRequest {
  request: AccessRequest;
  urn: string;
  rights: RightsFacts;
}

/** What somebody wants to be able to do, and until when. */
export interface GrantedTerms {
  assetId: string;
  granteeIds: readonly string[];
  actions: readonly string[];
  until: Date;
}

/** What two grants are the same by. */
export interface SameTerms {
  assetId: string;
  granteeId: string;
  grantedById: string;
  actions: readonly string[];
  purpose: string;
  until: Date;
}

export class AccessRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  async rightsOf(actor: Actor, assetIds: readonly string[]): Promise<Map<string, RightsFacts>> {
    const rows = await this.read(actor, cypher.RIGHTS_OF, { ids: assetIds });
    return new Map(rows.map((row) => [row.text('id'), decodeRights(row.row('rights'))]));
  }

  /** null when the grantee does not exist. */
  async createRequest(tx: WriteTransaction, request: AccessRequest): Promise<AccessRequest | null> {
    const { __typename, ...stored } = request;
    const row = await tx.first(cypher.CREATE_REQUEST, { request: stored });
    return row && decodeRequest(row.row('request'));
  }

  /** The open request that asks for the very same; null when there is none. Under the lock of the asset. */
  async findSameRequest(tx: WriteTransaction, request: AccessRequest): Promise<AccessRequest | null> {
    const { __typename, ...stored } = request;
    const row = await tx.first(cypher.FIND_SAME_REQUEST, { request: stored });
    return row && decodeRequest(row.row('request'));
  }

  /** Those of the actions that grants to one of them give, until then or longer. */
  async actionsGranted(tx: WriteTransaction, terms: GrantedTerms): Promise<string[]> {
    const rows = await tx.run(cypher.ACTIONS_GRANTED, { terms: { ...terms }, now: this.now() });
    return rows.map((row) => row.text('action'));
  }

  /** The grant that runs and was given with the very same terms; null when there is none. Under the lock of the asset. */
  async findSameGrant(tx: WriteTransaction, terms: SameTerms): Promise<AccessGrant | null> {
    const row = await tx.first(cypher.FIND_SAME_GRANT, { terms: { ...terms } });
    return row && decodeGrant(row.row('grant'));
  }

  /** Locks the request for the rest of the transaction; null when there is none. */
  async lockRequest(tx: WriteTransaction, actor: Actor, id: string): Promise<LockedRequest | null> {
    const row = await tx.first(cypher.LOCK_REQUEST, { id, viewer: viewerOf(actor), now: this.now() });
    return (
      row && {
        request: decodeRequest(row.row('request')),
        urn: row.text('urn'),
        rights: decodeRights(row.row('rights')),
      }
    );
  }

  async decideRequest(
    tx: WriteTransaction,
    decision: { id: string; state: RequestState; deciderId: string; reason: string | null },
  ): Promise<AccessRequest> {
    const row = await tx.one(cypher.DECIDE_REQUEST, { ...decision, now: this.now() });
    return decodeRequest(row.row('request'));
  }

  /** `requestId` null: given without a request. null when the grantee is disabled. */
  async createGrant(tx: WriteTransaction, requestId: string | null, grant: AccessGrant): Promise<AccessGrant | null> {
    const { __typename, ...stored } = grant;
    const row = await tx.first(cypher.CREATE_GRANT, { requestId, grant: stored });
    return row && decodeGrant(row.row('grant'));
  }

  /** How many grants run for the principal, those of their teams apart. */
  async countHeld(tx: WriteTransaction, granteeId: string): Promise<number> {
    return (await tx.one(cypher.COUNT_HELD, { granteeId, now: this.now() })).int('total');
  }

  async lockGrant(tx: WriteTransaction, actor: Actor, id: string) {
    const row = await tx.first(cypher.LOCK_GRANT, { id, viewer: viewerOf(actor), now: this.now() });
    return (
      row && { grant: decodeGrant(row.row('grant')), urn: row.text('urn'), rights: decodeRights(row.row('rights')) }
    );
  }

  async revokeGrant(tx: WriteTransaction, id: string, actorId: string): Promise<AccessGrant> {
    return decodeGrant((await tx.one(cypher.REVOKE_GRANT, { id, actorId, now: this.now() })).row('grant'));
  }

  listRequests(actor: Actor, conditions: RequestConditions, page: Page): Promise<PageRows<AccessRequest>> {
    return this.page(actor, cypher.LIST_REQUESTS, { ...conditions }, page, (row) =>
      requestAsThen(decodeRequest(row.row('request')), actor.readsAsOf),
    );
  }

  countRequests(actor: Actor, conditions: RequestConditions): Promise<number> {
    return this.total(actor, cypher.COUNT_REQUESTS, { ...conditions });
  }

  listGrants(actor: Actor, conditions: GrantConditions, page: Page): Promise<PageRows<AccessGrant>> {
    return this.page(actor, cypher.LIST_GRANTS, { ...conditions }, page, (row) =>
      grantAsThen(decodeGrant(row.row('grant')), actor.readsAsOf),
    );
  }

  countGrants(actor: Actor, conditions: GrantConditions): Promise<number> {
    return this.total(actor, cypher.COUNT_GRANTS, { ...conditions });
  }

  async requestsByIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AccessRequest>> {
    const rows = await this.read(actor, cypher.REQUESTS_BY_ID, { ids, assetId: null });
    return new Map(
      rows.map((row) => [
        row.row('request').text('id'),
        requestAsThen(decodeRequest(row.row('request')), actor.readsAsOf),
      ]),
    );
  }

  async grantsByIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AccessGrant>> {
    const rows = await this.read(actor, cypher.GRANTS_BY_ID, { ids, assetId: null });
    return new Map(
      rows.map((row) => [row.row('grant').text('id'), grantAsThen(decodeGrant(row.row('grant')), actor.readsAsOf)]),
    );
  }

  private async page<T>(
    actor: Actor,
    statement: PagedStatement,
    conditions: Parameters,
    page: Page,
    decode: (row: Row) => T,
  ): Promise<PageRows<T>> {
    const { cypher: text, window } = pageStatement(statement, page);
    return cutPage((await this.read(actor, text, { ...conditions, ...window })).map(decode), page);
  }

  private async total(actor: Actor, statement: string, conditions: Parameters): Promise<number> {
    return (await this.read(actor, statement, conditions))[0]?.int('total') ?? 0;
  }

  private read(actor: Actor, statement: string, parameters: Parameters): Promise<Row[]> {
    return this.graph.read(actor.origin, statement, {
      ...parameters,
      me: actor.id,
      viewer: viewerOf(actor),
      now: actor.readsAsOf ?? this.now(),
    });
  }
}

function decodeRequest(row: Row): AccessRequest {
  return {
    __typename: 'AccessRequest',
    id: row.text('id'),
    assetId: row.text('assetId'),
    requesterId: row.text('requesterId'),
    granteeId: row.text('granteeId'),
    actions: actionsIn(row),
    purpose: row.text('purpose'),
    until: row.time('until'),
    state: REQUEST_STATES.find((state) => state === row.text('state')) ?? 'DENIED',
    createdAt: row.time('createdAt'),
    decidedAt: row.maybeTime('decidedAt'),
    deciderId: row.maybeText('deciderId'),
    reason: row.maybeText('reason'),
  };
}

export function decodeGrant(row: Row): AccessGrant {
  return {
    __typename: 'AccessGrant',
    id: row.text('id'),
    assetId: row.text('assetId'),
    granteeId: row.text('granteeId'),
    grantedById: row.text('grantedById'),
    actions: actionsIn(row),
    purpose: row.text('purpose'),
    createdAt: row.time('createdAt'),
    expiresAt: row.time('expiresAt'),
    revokedAt: row.maybeTime('revokedAt'),
  };
}

function actionsIn(row: Row): Action[] {
  const words = row.texts('actions');
  return ACTIONS.filter((action) => words.includes(action));
}
