import { type Actor, viewerOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import { randomId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Visibility } from '../model/asset.js';
import * as cypher from './namespace.cypher.js';
import { decodeNamespace, decodeTerms } from '../model/namespace.decode.js';
import type { Namespace, Registration, RegistrationTerms } from '../model/namespace.js';

/** What a change sets; a registration of null: from now on it goes by the visibility. */
export interface NamespaceChange {
  visibility?: Visibility;
  registration?: Registration | null;
  ownerIds?: readonly string[];
  registrarIds?: readonly string[];
  runsOverdueAfterSeconds?: number | null;
}

/** Somebody who can own a namespace. */
export interface Holder {
  disabled: boolean;
  /** Somebody can act for it. */
  living: boolean;
}

export class NamespaceRepository extends ActorReads {
  /** null when there is none, or none of which the actor may know. */
  async find(actor: Actor, name: string): Promise<Namespace | null> {
    const row = (await this.read(actor, cypher.FIND_NAMESPACE(isFrozen(actor)), { name }))[0];
    return row ? decodeNamespace(row) : null;
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Namespace>> {
    const found = (await this.read(actor, cypher.NAMESPACES_BY_ID(isFrozen(actor)), { ids })).map(decodeNamespace);
    return new Map(found.map((namespace) => [namespace.id, namespace]));
  }

  async list(actor: Actor, page: Page): Promise<PageRows<Namespace>> {
    const statement = pageStatement(cypher.LIST_NAMESPACES(isFrozen(actor)), page);
    const rows = await this.read(actor, statement.cypher, { ...statement.window });
    return cutPage(rows.map(decodeNamespace), page);
  }

  async count(actor: Actor): Promise<number> {
    return (await this.read(actor, cypher.COUNT_NAMESPACES, {}))[0]?.int('total') ?? 0;
  }

  /** What decides whether the actor may register there, without a lock: the same work whether there is one or not. */
  async terms(tx: WriteTransaction, actor: Actor, name: string): Promise<RegistrationTerms> {
    return decodeTerms((await tx.one(cypher.NAMESPACE_TERMS, { name, viewer: viewerOf(actor) })).row('terms'));
  }

  /** Locks the namespace for the rest of the transaction; one that nobody has used yet is made. */
  async lock(tx: WriteTransaction, name: string): Promise<Namespace> {
    return decodeNamespace(await tx.one(cypher.LOCK_NAMESPACE, { name, id: randomId(), now: this.now() }));
  }

  /** Changes the namespace, whose lock the transaction holds, and keeps what it now is for reads as of a time. */
  async change(tx: WriteTransaction, name: string, changes: NamespaceChange): Promise<Namespace> {
    return decodeNamespace(await tx.one(cypher.CHANGE_NAMESPACE, { name, changes, now: this.now() }));
  }

  /** Those of the ids that name a user, service account or team. */
  async holders(tx: WriteTransaction, ids: readonly string[]): Promise<Map<string, Holder>> {
    const rows = await tx.run(cypher.HOLDERS_OF_NAMESPACE, { ids });
    return new Map(rows.map((row) => [row.text('id'), { disabled: row.flag('disabled'), living: row.flag('living') }]));
  }

  /** Lets assets of the namespace follow it, `limit` at most; how many did. */
  async follow(tx: WriteTransaction, name: string, limit: number): Promise<number> {
    await tx.run(cypher.FOLLOW_ASIDE, { name });
    return (await tx.one(cypher.FOLLOW_NAMESPACE, { name, limit, now: this.now() })).int('followed');
  }

  /** Records the revision of assets that followed, `limit` at most; of how many. */
  async recordFollowers(tx: WriteTransaction, name: string, limit: number): Promise<number> {
    return (await tx.one(cypher.RECORD_FOLLOWERS, { name, limit, now: this.now() })).int('recorded');
  }
}

const isFrozen = (actor: Actor): boolean => actor.readsAsOf !== undefined;
