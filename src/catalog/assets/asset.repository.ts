import { type Actor, viewerOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { decodeRights, type RightsFacts } from '../../auth/rights.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import { randomId } from '../../ids.js';
import { ConstraintViolation } from '../../neo4j/driver-errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters, Statements } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import { decodePrincipal } from '../../principals/accounts/principal.decode.js';
import type { Principal } from '../../principals/accounts/principal.js';
import { mapInTurns } from '../../turn.js';

import type { Asset, AssetField } from '../model/asset.js';
import * as changing from './asset-change.cypher.js';
import * as cypher from './asset.cypher.js';
import { AssetHistory } from './asset-history.repository.js';
import { DatasetFields } from './dataset-fields.repository.js';
import { decodeAsset, decodeField, decodeRevision } from '../model/asset.decode.js';
import { decodeTerms } from '../model/namespace.decode.js';
import type { RegistrationTerms } from '../model/namespace.js';
import { idKey, urnKey, urnOf, urnTaken } from '../model/urn.js';

/** null in a member: no such condition. */
export interface AssetConditions {
  kinds: readonly string[] | null;
  namespaces: readonly string[] | null;
  tags: readonly string[] | null;
  owners: readonly string[] | null;
  nameContains: string | null;
  minRetentionDays: number | null;
  maxRetentionDays: number | null;
  /** Retired assets too. */
  retired: boolean;
}

export interface NewOwner {
  id: string;
  role: 'OWNER' | 'STEWARD';
}

export interface AssetWithPeople extends LockedAsset {
  owners: { principal: Principal; role: 'OWNER' | 'STEWARD'; since: Date }[];
}

/** What is written of a change, in one step. */
export interface WrittenChange {
  /** Properties as stored; none: who owns it has changed. */
  changes?: Parameters;
  /** All its fields, when they changed. */
  fields?: readonly AssetField[] | null;
  /** Its visibility is to be that of its namespace, whose lock is taken. */
  inherits?: boolean;
  /** What accounts for it: `entryOf`. */
  entry: Parameters;
  /** When it changed; now, when not given. */
  at?: Date;
}

export interface LockedAsset {
  asset: Asset;
  rights: RightsFacts;
}

/** The parameters with which statements find one asset by an alias: `key` is of its id or of its urn, whichever `ref` is. */
export function refParameters(ref: string): { ref: string; key: string } {
  return { ref, key: ref.startsWith('urn:') ? urnKey(ref) : idKey(ref) };
}

const decodeLocked = (row: Row): LockedAsset => ({
  asset: decodeAsset(row.row('asset')),
  rights: decodeRights(row.row('rights')),
});

export class AssetRepository extends ActorReads {
  readonly fields: DatasetFields;
  private readonly history: AssetHistory;

  constructor(graph: Graph, now: () => Date) {
    super(graph, now);
    this.fields = new DatasetFields(now);
    this.history = new AssetHistory(graph);
  }

  async find(actor: Actor, ref: string): Promise<Asset | null> {
    const rows = await this.read(actor, cypher.FIND_ASSET, refParameters(ref));
    return rows[0] ? decodeAsset(rows[0].row('asset')) : null;
  }

  /** As it is now, with its owners and what the actor may do with it. */
  async findWithPeople(actor: Actor, ref: string): Promise<AssetWithPeople | null> {
    const row = (await this.read(actor, cypher.FIND_ASSET_WITH_PEOPLE, refParameters(ref)))[0];
    if (!row) return null;
    const owners = row.rows('owners').map((each) => ({
      principal: decodePrincipal(each),
      role: each.text('role') === 'OWNER' ? ('OWNER' as const) : ('STEWARD' as const),
      since: each.time('since'),
    }));
    return { asset: decodeAsset(row.row('asset')), rights: decodeRights(row.row('rights')), owners };
  }

  async findAsOf(actor: Actor, ref: string, asOf: Date): Promise<Asset | null> {
    const rows = await this.read(actor, cypher.FIND_ASSET_AS_OF, { ...refParameters(ref), asOf });
    return rows[0] ? decodeRevision(rows[0].row('asset')) : null;
  }

  /** As they were at a time, or first, when they were registered later. */
  async byIdsAsOf(actor: Actor, ids: readonly string[], shownAt: Date): Promise<Map<string, Asset>> {
    const rows = await this.read(actor, cypher.ASSETS_BY_ID_AS_OF, { ids, shownAt });
    const assets = rows.map((row) => row.row('asset'));
    return new Map(
      await mapInTurns(assets, (asset): [string, Asset] => [
        asset.text('id'),
        asset.maybeTime('from') === null ? decodeAsset(asset) : decodeRevision(asset),
      ]),
    );
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Asset>> {
    const rows = await this.read(actor, cypher.ASSETS_BY_ID, { ids });
    const decoded = await mapInTurns(rows, (row) => decodeAsset(row.row('asset')));
    const assets = await this.history.asThen(actor, decoded);
    return new Map(assets.map((asset) => [asset.id, asset]));
  }

  async list(actor: Actor, conditions: AssetConditions, page: Page): Promise<PageRows<Asset>> {
    const frozen = actor.readsAsOf !== undefined;
    const statement = pageStatement(frozen ? cypher.LIST_ASSETS_THEN : cypher.LIST_ASSETS, page);
    const rows = await this.read(actor, statement.cypher, { ...conditions, ...statement.window });
    const decode = frozen ? decodeRevision : decodeAsset;
    return cutPage(await mapInTurns(rows, (row) => decode(row.row('asset'))), page);
  }

  async count(actor: Actor, conditions: AssetConditions): Promise<number> {
    const statement = actor.readsAsOf ? cypher.COUNT_ASSETS_THEN : cypher.COUNT_ASSETS;
    return (await this.read(actor, statement, { ...conditions }))[0]?.int('total') ?? 0;
  }

  /** The tags of the assets, and how many have each, the most frequent first; of those that hold the text, in lower case. */
  async countTags(
    actor: Actor,
    conditions: AssetConditions,
    { tagContains, first }: { tagContains: string | null; first: number },
  ): Promise<{ value: string; count: number }[]> {
    const statement = actor.readsAsOf ? cypher.COUNT_TAGS_THEN : cypher.COUNT_TAGS;
    const rows = await this.read(actor, statement, { ...conditions, tagContains, first: BigInt(first) });
    return rows.map((row) => ({ value: row.text('tag'), count: row.int('count') }));
  }

  async fieldsOf(actor: Actor, ids: readonly string[]): Promise<Map<string, AssetField[]>> {
    const rows = await this.read(actor, cypher.FIELDS_OF, { ids });
    const found = new Map(ids.map((id): [string, AssetField[]] => [id, []]));
    for (const row of rows) found.get(row.text('id'))?.push(...(await mapInTurns(row.rows('fields'), decodeField)));
    return found;
  }

  async fieldsByIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AssetField>> {
    const rows = await this.read(actor, cypher.FIELDS_BY_ID, { ids });
    const fields = await mapInTurns(rows, (row) => decodeField(row.row('field')));
    const then = actor.readsAsOf ? await this.fieldsThen(actor, rows) : null;
    return new Map(
      fields.flatMap((field) => (then ? (then.get(field.id) ?? []) : field)).map((field) => [field.id, field]),
    );
  }

  /** The fields as the data sets they are of had them, at the time a session is frozen at. */
  private async fieldsThen(actor: Actor, rows: readonly Row[]): Promise<Map<string, AssetField>> {
    const datasets = await this.byIds(actor, [...new Set(rows.map((row) => row.text('dataset')))]);
    const fields = [...datasets.values()].flatMap(({ fieldsThen }) => fieldsThen ?? []);
    return new Map(fields.map((field) => [field.id, field]));
  }

  /** The asset with what the actor may do with it, without a lock; null when they may not know of it. */
  async see(actor: Actor, ref: string): Promise<LockedAsset | null> {
    const [seen = null] = await this.seeAll(this.graph.reader(actor.origin), actor, [ref]);
    return seen;
  }

  /** The same of several, in their order, within the caller's transaction. */
  async seeAll(statements: Statements, actor: Actor, refs: readonly string[]): Promise<(LockedAsset | null)[]> {
    const keys = refs.map((ref) => refParameters(ref).key);
    const rows = await statements.run(cypher.SEE_ASSETS, { keys, viewer: viewerOf(actor), now: this.now() });
    const found = new Map(rows.map((row) => [row.int('index'), decodeLocked(row)]));
    return refs.map((_ref, index) => found.get(index) ?? null);
  }

  /** Locks the asset for the rest of the transaction; null when the actor may not know of it. */
  async lock(tx: WriteTransaction, actor: Actor, ref: string): Promise<LockedAsset | null> {
    const row = await tx.first(cypher.LOCK_ASSET, { ...refParameters(ref), viewer: viewerOf(actor), now: this.now() });
    return row && decodeLocked(row);
  }

  /** Writes a change as one revision, and its entry in the audit log. Let it be the last statement of the transaction. */
  async change(tx: WriteTransaction, id: string, change: WrittenChange): Promise<Asset> {
    return decodeAsset((await tx.one(changing.CHANGE_ASSET, this.changeParameters(id, change))).row('asset'));
  }

  /**
   * The same where the name of the asset has come into another namespace, always under the lock of that: with the terms under
   * which the actor may bring it there, which hold until the commit.
   */
  async move(
    tx: WriteTransaction,
    actor: Actor,
    id: string,
    change: WrittenChange,
  ): Promise<{ asset: Asset; terms: RegistrationTerms }> {
    const parameters = { ...this.changeParameters(id, change), viewer: viewerOf(actor) };
    const row = await tx.one(changing.MOVE_ASSET, parameters);
    return { asset: decodeAsset(row.row('asset')), terms: decodeTerms(row.row('terms')) };
  }

  /** Gives the asset another urn, beside those it has. Throws CONFLICT when another asset has or had it. */
  async addAlias(tx: WriteTransaction, asset: Asset, namespace: string, name: string): Promise<string> {
    const urn = urnOf(asset.kind, namespace, name);
    try {
      await tx.run(changing.ADD_ALIAS, { id: asset.id, key: urnKey(urn), urn, now: this.now() });
    } catch (error) {
      throw error instanceof ConstraintViolation ? urnTaken(urn) : error;
    }
    return urn;
  }

  private changeParameters(id: string, change: WrittenChange): Parameters {
    const { changes = {}, fields = null, inherits = false, entry, at = this.now() } = change;
    const kept = fields === null ? null : JSON.stringify(fields);
    return { id, changes, fields: kept, inherits, entry, namespaceId: randomId(), now: at };
  }
}
