import { type Actor, actorId } from '../../auth/actor.js';
import { may, mayCurate, type Action, type RightsFacts } from '../../auth/rights.js';
import { type AuditFact, entryOf } from '../../audit/record/record.js';
import { conflict, forbidden, notFound, staleRevision } from '../../errors.js';
import { checkPageSize, type Page, type PageRows } from '../../graphql/page.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters, Statements } from '../../neo4j/statements.js';
import type { Asset, AssetField } from '../model/asset.js';
import { changedProperties, storedNames } from './asset.changes.js';
import type { AssetFilter, ChangeAssetInput, RenameAssetInput, UpdateAssetInput } from './asset.input.js';
import { effectiveCatalogTime, type ClocksAsked } from '../model/as-of.js';
import type {
  AssetConditions,
  AssetRepository,
  AssetWithPeople,
  LockedAsset,
  WrittenChange,
} from './asset.repository.js';
import type { NamespaceGate } from '../namespaces/namespace-gate.policy.js';
import { type AssetName, nameKeys } from '../twins/name-keys.js';
import type { NearTwinPolicy } from '../twins/near-twins.policy.js';
import { checkAssetName, partsOfUrn, urnOf } from '../model/urn.js';
import { wordsOfNames } from '../text/searched.js';

/** An update of one asset, made of what it is. */
interface WantedUpdate {
  of: (asset: Asset) => Omit<UpdateAssetInput, 'ref'>;
  ifRevision?: number | null | undefined;
  rehearsed?: boolean;
}

/** The catalog: changing and finding the four kinds of asset. */
export class AssetService {
  constructor(
    private readonly graph: Graph,
    private readonly assets: AssetRepository,
    private readonly gate: NamespaceGate,
    private readonly twins: NearTwinPolicy,
    private readonly now: () => Date,
  ) {}

  /**
   * The asset, as of the earlier of the clocks when one is given; null when it does not exist, did not yet, or the actor may
   * not know. Throws BAD_USER_INPUT for a clock in the future.
   */
  async find(actor: Actor, ref: string, clocks: ClocksAsked = {}): Promise<Asset | null> {
    const then = effectiveCatalogTime(actor, clocks, this.now());
    return then ? this.assets.findAsOf(actor, ref, then) : this.assets.find(actor, ref);
  }

  /** The asset as it is now, with its owners and what the actor may do with it; null as by `find`. */
  findWithPeople(actor: Actor, ref: string): Promise<AssetWithPeople | null> {
    return this.assets.findWithPeople(actor, ref);
  }

  /** Those the actor may see; as they were at `shownAt`, when it is given. */
  byIds(actor: Actor, ids: readonly string[], shownAt?: Date): Promise<Map<string, Asset>> {
    return shownAt ? this.assets.byIdsAsOf(actor, ids, shownAt) : this.assets.byIds(actor, ids);
  }

  list(actor: Actor, filter: AssetFilter | null | undefined, page: Page): Promise<PageRows<Asset>> {
    return this.assets.list(actor, conditionsOf(filter), page);
  }

  count(actor: Actor, filter: AssetFilter | null | undefined): Promise<number> {
    return this.assets.count(actor, conditionsOf(filter));
  }

  fieldsOf(actor: Actor, datasetIds: readonly string[]): Promise<Map<string, AssetField[]>> {
    return this.assets.fieldsOf(actor, datasetIds);
  }

  fieldsByIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AssetField>> {
    return this.assets.fieldsByIds(actor, ids);
  }

  /**
   * Changes what the input names; what is so already stays, without a revision or an entry. Throws NOT_FOUND, FORBIDDEN, STALE_REVISION
   * or BAD_USER_INPUT.
   */
  async update(actor: Actor, input: UpdateAssetInput): Promise<Asset> {
    const { asset } = await this.graph.write(actor.origin, (tx) =>
      this.updateWithin(tx, actor, input.ref, { ifRevision: input.ifRevision, of: () => input }),
    );
    return asset;
  }

  /** Changes the tags, by what they are when the change is written. Throws as `update`. */
  async changeTags(
    actor: Actor,
    { ref, ifRevision, reason }: ChangeAssetInput,
    change: (tags: readonly string[]) => readonly string[],
  ): Promise<Asset> {
    const of = ({ tags }: Asset) => ({ tags: [...change(tags)], reason: reason ?? null });
    const { asset } = await this.graph.write(actor.origin, (tx) =>
      this.updateWithin(tx, actor, ref, { ifRevision, of }),
    );
    return asset;
  }

  /**
   * Changes an asset by what it is when it is locked; whether anything of it has changed. Refused, it has written nothing. A rehearsal
   * neither locks nor writes: the answer is the asset as it is. Throws as `update`.
   */
  async updateWithin(
    tx: WriteTransaction,
    actor: Actor,
    ref: string,
    { of, ifRevision, rehearsed = false }: WantedUpdate,
  ): Promise<{ asset: Asset; changed: boolean }> {
    const { asset, rights } = rehearsed ? await this.look(tx, actor, ref) : await this.lock(tx, actor, ref);
    checkMay(actor, asset, rights, 'EDIT');
    checkRevision(asset, ifRevision);
    const input = { ...of(asset), ref };
    if (input.visibility !== undefined) {
      checkMayCurate(actor, asset, rights);
      checkAlone(asset);
    }
    return this.write(tx, actor, asset, input, rehearsed);
  }

  /** Tags, and how many assets have each. Throws BAD_USER_INPUT. */
  tags(
    actor: Actor,
    filter: AssetFilter | null | undefined,
    { contains, first }: { contains: string | null; first: number },
  ): Promise<{ value: string; count: number }[]> {
    checkPageSize(first);
    return this.assets.countTags(actor, conditionsOf(filter), { tagContains: contains?.toLowerCase() ?? null, first });
  }

  /** Gives a locked data set that has no fields these, within a transaction that has decided it may; others keep theirs. */
  async fillFields(
    tx: WriteTransaction,
    actor: Actor,
    asset: Asset,
    fields: readonly { name: string; type: string | null }[],
    reason: string,
  ): Promise<void> {
    if ((await this.assets.fields.read(tx, asset.id)).length > 0) return;
    await this.write(tx, actor, asset, { ref: asset.id, fields: [...fields], reason }, false);
  }

  /** Gives a locked data set these fields, within a transaction that has decided it may; what is so already is no change. */
  async replaceFields(
    tx: WriteTransaction,
    actor: Actor,
    asset: Asset,
    fields: readonly { name: string; type: string | null; description: string | null }[],
    reason: string,
  ): Promise<void> {
    await this.write(tx, actor, asset, { ref: asset.id, fields: [...fields], reason }, false);
  }

  /** Writes what an update changes of the asset that is locked; nothing where all is so already, or it is rehearsed. */
  private async write(
    tx: WriteTransaction,
    actor: Actor,
    asset: Asset,
    input: UpdateAssetInput,
    rehearsed: boolean,
  ): Promise<{ asset: Asset; changed: boolean }> {
    const present: AssetField[] = input.fields === undefined ? [] : await this.assets.fields.read(tx, asset.id);
    const { stored, before, after, fields, inherits } = changedProperties(asset, input, present);
    const changed = Object.keys(after).length > 0;
    if (!changed || rehearsed) return { asset, changed };
    const written = fields === null ? null : await this.assets.fields.write(tx, asset.id, present, fields);
    const words = fields === null ? {} : await storedNames(fields);
    const entry = this.entry(tx, actor, asset, { action: 'asset:update', before, after, reason: input.reason });
    const change = { changes: { ...stored, ...words }, fields: written, inherits, entry };
    return { asset: await this.assets.change(tx, asset.id, change), changed };
  }

  /**
   * Renames an asset; its former urns keep resolving, and an inherited visibility is that of the new namespace. A new name
   * comes in as by `register`. Throws as `update` and `register`.
   */
  async rename(actor: Actor, input: RenameAssetInput): Promise<Asset> {
    const name = checkAssetName('name', input.name);
    return this.graph.write(actor.origin, async (tx) => {
      const { asset } = await this.lockToCurate(tx, actor, input);
      const namespace = input.namespace == null ? asset.namespace : checkAssetName('namespace', input.namespace);
      const { id, kind } = asset;
      if (urnOf(kind, namespace, name) === asset.urn) return asset;
      await this.gate.admit(tx, actor, namespace);
      if (input.strict) await this.refuseNearTwin(tx, actor, { id, kind, namespace, name });
      const change = await this.renaming(tx, actor, asset, { namespace, name, reason: input.reason });
      const moved = await this.assets.move(tx, actor, id, change);
      this.gate.confirm(actor, namespace, moved.terms);
      return moved.asset;
    });
  }

  /** Gives an asset that is locked another name where it is, which is nobody's else: no door is asked. */
  async renameWithin(
    tx: WriteTransaction,
    actor: Actor,
    asset: Asset,
    name: string,
    reason: string | null | undefined,
  ): Promise<Asset> {
    const change = await this.renaming(tx, actor, asset, { namespace: asset.namespace, name, reason });
    return this.assets.change(tx, asset.id, change);
  }

  /** Gives the asset the alias of its new name; what else is to be written of that. */
  private async renaming(
    tx: WriteTransaction,
    actor: Actor,
    asset: Asset,
    { namespace, name, reason }: { namespace: string; name: string; reason: string | null | undefined },
  ): Promise<WrittenChange> {
    const { kind } = asset;
    const urn = await this.assets.addAlias(tx, asset, namespace, name);
    const placed = namespace === asset.namespace ? {} : { placedBy: actorId(actor) };
    const fact = { action: 'asset:rename', before: { urn: asset.urn }, after: { urn }, reason };
    return {
      changes: {
        ...{ namespace, name, urn, ...placed, ...nameKeys({ kind, namespace, name }) },
        ...wordsOfNames([{ name, namespace }, ...asset.symlinks.map(partsOfUrn)]),
      },
      inherits: asset.visibilityInherited,
      entry: this.entry(tx, actor, { ...asset, urn }, fact),
    };
  }

  /** Throws CONFLICT. */
  private async refuseNearTwin(tx: WriteTransaction, actor: Actor, name: AssetName & { id: string }): Promise<void> {
    for (const refusal of (await this.twins.refusals(tx, actor, [name])).values()) throw refusal;
  }

  /** The ids of the assets that each could be taken for, of those that the actor may see: twenty at most. */
  nearTwinsOf(actor: Actor, ids: readonly string[]): Promise<Map<string, string[]>> {
    return this.twins.of(actor, ids);
  }

  /**
   * Locks an asset the actor wants to act on, for the rest of the transaction. Throws NOT_FOUND when they may not know
   * of it, FORBIDDEN when they may not do this, STALE_REVISION when it has changed since they looked.
   */
  async lockFor(
    tx: WriteTransaction,
    actor: Actor,
    ref: string,
    action: Action,
    ifRevision?: number | null,
  ): Promise<LockedAsset> {
    const locked = await this.lock(tx, actor, ref);
    checkMay(actor, locked.asset, locked.rights, action);
    if (action === 'MANAGE_OWNERS') checkAlone(locked.asset);
    checkRevision(locked.asset, ifRevision);
    return locked;
  }

  /** The fields that a data set has, in their order; none of other kinds. */
  fieldsIn(tx: WriteTransaction, { id, kind }: Asset): Promise<AssetField[]> {
    return kind === 'DATASET' ? this.assets.fields.read(tx, id) : Promise.resolve([]);
  }

  /** As `lockFor`, for what only who takes care of the asset may change: its name, visibility, retirement, and whether it is. */
  async lockToCurate(tx: WriteTransaction, actor: Actor, { ref, ifRevision }: ChangeAssetInput): Promise<LockedAsset> {
    const locked = await this.lock(tx, actor, ref);
    checkMayCurate(actor, locked.asset, locked.rights);
    checkAlone(locked.asset);
    checkRevision(locked.asset, ifRevision);
    return locked;
  }

  /** What `lock` gives, without the lock: for telling what would be done. Throws NOT_FOUND. */
  async see(actor: Actor, ref: string): Promise<LockedAsset> {
    const seen = await this.assets.see(actor, ref);
    if (!seen) throw assetNotFound(ref);
    return seen;
  }

  /** Locks an asset whatever the actor may do with it, for callers that answer with reasons. Throws NOT_FOUND. */
  async lock(tx: WriteTransaction, actor: Actor, ref: string): Promise<LockedAsset> {
    const locked = await this.assets.lock(tx, actor, ref);
    if (!locked) throw assetNotFound(ref);
    return locked;
  }

  /** The same without the lock, for what is written beside the asset and changes nothing of it. Throws NOT_FOUND. */
  async look(statements: Statements, actor: Actor, ref: string): Promise<LockedAsset> {
    const [seen] = await this.seeAll(statements, actor, [ref]);
    if (!seen) throw assetNotFound(ref);
    return seen;
  }

  /** Several without a lock, in their order, read together. Throws NOT_FOUND for the first that is not there. */
  async seeAll(statements: Statements, actor: Actor, refs: readonly string[]): Promise<LockedAsset[]> {
    const seen = await this.assets.seeAll(statements, actor, refs);
    return seen.map((each, index) => {
      if (!each) throw assetNotFound(refs[index] ?? '');
      return each;
    });
  }

  private entry(
    tx: WriteTransaction,
    actor: Actor,
    asset: Asset,
    { reason, ...fact }: Pick<AuditFact, 'action' | 'before' | 'after'> & { reason: string | null | undefined },
  ): Parameters {
    const target = { targetId: asset.id, targetName: asset.urn, assetIds: [asset.id] };
    return entryOf(tx, actor, { ...fact, ...target, reason: reason ?? null, at: this.now() });
  }
}

/** Throws FORBIDDEN. */
function checkMay(actor: Actor, { urn }: Asset, rights: RightsFacts, action: Action): void {
  if (!may(actor, rights, action))
    throw forbidden(`You may not ${action} ${urn}. Its owners can grant it: ask with requestAccess.`);
}

/** Throws FORBIDDEN. */
function checkMayCurate(actor: Actor, asset: Asset, rights: RightsFacts): void {
  if (!mayCurate(actor, rights))
    throw forbidden(
      `The name, visibility and retirement of ${asset.urn} are for its OWNERs and STEWARDs, and for an ADMIN; EDIT is for its contents. Ask one of them.`,
    );
}

/** Throws CONFLICT while it stands for two: what an owner of the one changed would stay with the owners of the other. */
function checkAlone({ urn, isJoined }: Asset): void {
  if (isJoined)
    throw conflict(
      `${urn} is joined with another data set: who owns it, who sees it, its name and whether it is in use stay as they are. Take that back with undoAlias first (aliasProposals).`,
    );
}

/** Throws STALE_REVISION. */
function checkRevision(asset: Asset, ifRevision: number | null | undefined): void {
  if (ifRevision != null && ifRevision !== asset.revision) {
    throw staleRevision(
      `${asset.urn} is at revision ${asset.revision}, you have seen ${ifRevision}. Read it again, then repeat the change.`,
    );
  }
}

/** The same words for an asset that does not exist and for one the caller may not know of. */
export function assetNotFound(ref: string): Error {
  const shown = ref.length > 120 ? `${ref.slice(0, 120)}…` : ref;
  return notFound(`There is no asset ${shown}, or you may not know of it.`);
}

export function conditionsOf(filter: AssetFilter | null | undefined): AssetConditions {
  return {
    kinds: filter?.kinds ?? null,
    namespaces: filter?.namespaces ?? null,
    tags: filter?.tags ?? null,
    owners: filter?.owners ?? null,
    nameContains: filter?.nameContains?.toLowerCase() ?? null,
    minRetentionDays: filter?.minRetentionDays ?? null,
    maxRetentionDays: filter?.maxRetentionDays ?? null,
    retired: filter?.includeRetired ?? false,
  };
}
