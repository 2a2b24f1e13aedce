import { type Actor } from '../../auth/actor.js';
import { entryOf } from '../../audit/record/record.js';
import { badInput, conflict } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Action } from '../../auth/rights.js';
import { checkFields, storedNames } from '../assets/asset.changes.js';
import type { ChangeAssetInput } from '../assets/asset.input.js';
import type { AssetRepository } from '../assets/asset.repository.js';
import type { AssetService } from '../assets/asset.service.js';
import type { Asset, AssetField } from '../model/asset.js';
import { Turn } from '../../turn.js';
import { unknownField } from '../model/field-names.js';
import { renamedWith } from '../model/field-path.js';
import type { RenameFieldInput, SetFieldsInput } from './field.input.js';
import { changedFields, type FieldTold, fieldsAfter } from './field-merge.js';

/** What a change of the schema writes, and what of it the log tells. */
interface SchemaChange {
  action: 'field:rename' | 'field:set';
  fields: readonly AssetField[];
  before: readonly FieldTold[];
  after: readonly FieldTold[];
  at: Date;
}

/** The fields of data sets: naming them all or some, and renaming one. */
export class FieldService {
  constructor(
    private readonly graph: Graph,
    private readonly assets: AssetService,
    private readonly rows: AssetRepository,
    private readonly now: () => Date,
  ) {}

  /**
   * Replaces the fields of a data set, or adds to them and changes some; what is so already stays, without a revision or an entry.
   * Throws NOT_FOUND, FORBIDDEN, STALE_REVISION or BAD_USER_INPUT.
   */
  async set(actor: Actor, input: SetFieldsInput): Promise<Asset> {
    return this.graph.write(actor.origin, async (tx) => {
      const { asset, present } = await this.lock(tx, actor, input, 'EDIT');
      const turn = new Turn();
      const wanted = fieldsAfter(present, input.fields, input.mode);
      checkFields(wanted);
      await turn.give();
      const { before, after, same } = changedFields(present, wanted);
      if (same) return asset;
      const fields = await this.rows.fields.write(tx, asset.id, present, wanted);
      return this.write(tx, actor, asset, input, { action: 'field:set', fields, before, after, at: this.now() });
    });
  }

  /**
   * Renames a field, and what lies in it. Throws as `set`, NOT_FOUND for a field that is not there, and CONFLICT for a name that
   * another field has.
   */
  async rename(actor: Actor, input: RenameFieldInput): Promise<Asset> {
    return this.graph.write(actor.origin, async (tx) => {
      const { asset, present } = await this.lock(tx, actor, input, 'EDIT');
      const names = present.map(({ name }) => name);
      const field = present.find(({ name }) => name === input.field) ?? present.find(({ id }) => id === input.field);
      if (!field) throw unknownField(asset.urn, input.field, names);
      if (field.name === input.name) return asset;
      const renamed = renamedWith(names, field.name, input.name);
      checkFree(asset, names, renamed);
      checkFields([...renamed.values()].map((name) => ({ name, type: null, description: null })));
      const at = this.now();
      const before = present.filter(({ name }) => renamed.has(name));
      const fields = await this.rows.fields.rename(tx, asset.id, present, renamed, at);
      const ids = new Set(before.map(({ id }) => id));
      const after = fields.filter(({ id }) => ids.has(id));
      return this.write(tx, actor, asset, input, { action: 'field:rename', fields, before, after, at });
    });
  }

  private async lock(
    tx: WriteTransaction,
    actor: Actor,
    { ref, ifRevision }: ChangeAssetInput,
    action: Action,
  ): Promise<{ asset: Asset; present: AssetField[] }> {
    const { asset } = await this.assets.lockFor(tx, actor, ref, action, ifRevision);
    if (asset.kind !== 'DATASET') throw badInput(`${asset.urn} is a ${asset.kind}. Only data sets have fields.`);
    return { asset, present: await this.rows.fields.read(tx, asset.id) };
  }

  private async write(
    tx: WriteTransaction,
    actor: Actor,
    { id, urn }: Asset,
    { reason = null }: ChangeAssetInput,
    { action, fields, before, after, at }: SchemaChange,
  ): Promise<Asset> {
    const target = { targetId: id, targetName: urn, assetIds: [id] };
    const told = (some: readonly FieldTold[]): object[] =>
      some.map(({ name, type, description }) => ({ name, type, description }));
    const fact = { action, ...target, before: { fields: told(before) }, after: { fields: told(after) }, reason, at };
    const changes = await storedNames(fields);
    // Of ten thousand fields each of these steps takes a while.
    const turn = new Turn();
    const entry = entryOf(tx, actor, fact);
    await turn.give();
    return this.rows.change(tx, id, { changes, fields, entry, at });
  }
}

/** Throws CONFLICT for a new name that a field has which keeps it. */
function checkFree({ urn }: Asset, names: readonly string[], renamed: ReadonlyMap<string, string>): void {
  const kept = new Set(names.filter((name) => !renamed.has(name)));
  const taken = [...renamed.values()].find((name) => kept.has(name));
  if (taken !== undefined)
    throw conflict(`${urn} has a field "${taken.slice(0, 200)}" already. Rename or remove that one first.`);
}
