import { type Actor, viewerOf } from '../auth/actor.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../graphql/page.js';
import { newId } from '../ids.js';
import type { Graph, Parameters, WriteTransaction } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import type { Visibility } from './asset.js';
import * as cypher from './namespace.cypher.js';
import type { Namespace } from './namespace.js';

export class NamespaceRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** null when there is none, or none of which the actor may know. */
  async find(actor: Actor, name: string): Promise<Namespace | null> {
    const row = (await this.read(actor, cypher.FIND_NAMESPACE, { name }))[0];
    return row ? decodeNamespace(row) : null;
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Namespace>> {
    const found = (await this.read(actor, cypher.NAMESPACES_BY_ID, { ids })).map(decodeNamespace);
    return new Map(found.map((namespace) => [namespace.id, namespace]));
  }

  async list(actor: Actor, page: Page): Promise<PageRows<Namespace>> {
    const statement = pageStatement(cypher.LIST_NAMESPACES, page);
    const rows = await this.read(actor, statement.cypher, { ...statement.window });
    return cutPage(rows.map(decodeNamespace), page);
  }

  async count(actor: Actor): Promise<number> {
    return (await this.read(actor, cypher.COUNT_NAMESPACES, {}))[0]?.int('total') ?? 0;
  }

  /** Locks the namespace for the rest of the transaction; one that nobody has used yet is made. */
  async lock(tx: WriteTransaction, name: string): Promise<Namespace> {
    return decodeNamespace(await tx.one(cypher.LOCK_NAMESPACE, { name, id: newId(), now: this.now() }));
  }

  async setVisibility(tx: WriteTransaction, name: string, visibility: Visibility): Promise<Namespace> {
    return decodeNamespace(await tx.one(cypher.SET_NAMESPACE_VISIBILITY, { name, visibility }));
  }

  /** Lets assets of the namespace follow it, `limit` at most; how many did. */
  async follow(tx: WriteTransaction, name: string, limit: number): Promise<number> {
    return (await tx.one(cypher.FOLLOW_NAMESPACE, { name, limit, now: this.now() })).int('followed');
  }

  /** Records the revision of assets that followed, `limit` at most; of how many. */
  async recordFollowers(tx: WriteTransaction, name: string, limit: number): Promise<number> {
    return (await tx.one(cypher.RECORD_FOLLOWERS, { name, limit, now: this.now() })).int('recorded');
  }

  private read(actor: Actor, statement: string, parameters: Parameters): Promise<Row[]> {
    return this.graph.read(actor.origin, statement, { ...parameters, viewer: viewerOf(actor), now: this.now() });
  }
}

/** A namespace nobody has set is DISCOVERABLE. */
function decodeNamespace(row: Row): Namespace {
  const namespace = row.row('namespace');
  return {
    __typename: 'Namespace',
    id: namespace.text('id'),
    name: namespace.text('name'),
    visibility: namespace.maybeText('visibility') === 'RESTRICTED' ? 'RESTRICTED' : 'DISCOVERABLE',
  };
}
