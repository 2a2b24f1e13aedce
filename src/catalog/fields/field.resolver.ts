import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { type Connection, toConnection } from '../../graphql/connection.type.js';
import { cutPage, pageOf } from '../../graphql/page.js';
import { UpdateAssetPayload } from '../assets/asset.payload.js';
import { Dataset, FieldType } from '../assets/asset.type.js';
import type { Asset, AssetField } from '../model/asset.js';
import type { FieldChange } from './field-change.js';
import { FieldChangeConnection, FieldChangesArgs } from './field-change.type.js';
import type { FieldHistory, FieldsCompared } from './field-history.service.js';
import type { FieldKin } from './field-kin.js';
import type { FieldKinService, FieldSeen } from './field-kin.service.js';
import { RenameFieldInput, SetFieldsInput } from './field.input.js';
import type { FieldService } from './field.service.js';

@Resolver()
export class FieldMutations {
  constructor(private readonly fields: FieldService) {}

  @Mutation(() => UpdateAssetPayload, {
    description:
      'Gives a data set its fields, or some more; needs EDIT. A request that is this alone may have a body of up to WEFTLINE_FIELDS_BODY_LIMIT_BYTES.',
  })
  async setFields(
    @Ctx() { actor }: Context,
    @Arg('input', () => SetFieldsInput, { description: 'The data set, and the fields.' }) given: SetFieldsInput,
  ): Promise<UpdateAssetPayload> {
    return { asset: await this.fields.set(actor, given) };
  }

  @Mutation(() => UpdateAssetPayload, {
    description:
      'Renames a field of a data set, and what lies in it; needs EDIT. CONFLICT when another field has the name.',
  })
  async renameField(
    @Ctx() { actor }: Context,
    @Arg('input', () => RenameFieldInput, { description: 'The field to rename, and its new name.' })
    given: RenameFieldInput,
  ): Promise<UpdateAssetPayload> {
    return { asset: await this.fields.rename(actor, given) };
  }
}

@Resolver(() => FieldType)
export class FieldKinResolver {
  constructor(private readonly kin: FieldKinService) {}

  @FieldResolver(() => FieldType, {
    nullable: true,
    description: 'The struct, array or map that it lies in: the nearest field on its path; null when it lies in none.',
  })
  async parent(@Root() field: FieldSeen, @Ctx() context: Context): Promise<AssetField | null> {
    return (await this.load(field, context))?.parent ?? null;
  }

  @FieldResolver(() => [FieldType], { description: 'The fields that lie in it, in order, without those in these.' })
  async children(@Root() field: FieldSeen, @Ctx() context: Context): Promise<AssetField[]> {
    return (await this.load(field, context))?.children ?? [];
  }

  /** Relatives are shown as of when the field is. */
  private async load(field: FieldSeen, { actor, loaders }: Context): Promise<FieldKin | null> {
    const { among, datasetThen } = field;
    const kin =
      (await this.kin.among(field)) ?? (await loaders.find('field.kin', field.id, (ids) => this.kin.byIds(actor, ids)));
    if (!kin) return null;
    const shown = (each: AssetField): AssetField => ({
      ...each,
      ...(among ? { among } : {}),
      ...(datasetThen ? { datasetThen } : {}),
    });
    return { parent: kin.parent && shown(kin.parent), children: kin.children.map(shown) };
  }
}

/** Weighs as much as two lists of fields: both states are read whole. */
const FIELD_CHANGES_COST = 50;

@Resolver(() => Dataset)
export class FieldChangesResolver {
  constructor(private readonly history: FieldHistory) {}

  @FieldResolver(() => FieldChangeConnection, {
    complexity: FIELD_CHANGES_COST,
    description:
      'The differences of its fields between two times, or between what they were when two versions were published: added, removed, renamed, changed.',
  })
  async fieldChanges(
    @Root() { id }: Asset,
    @Ctx() { actor, loaders }: Context,
    @Args(() => FieldChangesArgs) args: FieldChangesArgs,
  ): Promise<Connection<FieldChange>> {
    const { from = null, fromVersion = null, to = null, toVersion = null, knownAt = null } = args;
    const question: FieldsCompared = { from, fromVersion, to, toVersion, knownAt };
    const page = pageOf('fieldChanges', args);
    const batch = (ids: readonly string[]) => this.history.changes(actor, ids, question);
    const all = await loaders.get('dataset.fieldChanges', id, batch, question);
    const within = all.filter((each) => (page.after ?? '') < each.id && each.id < (page.before ?? '~'));
    const rows = (page.backward ? within.reverse() : within).slice(0, page.size + 1);
    return toConnection('fieldChanges', page, cutPage(rows, page), () => Promise.resolve(all.length));
  }
}
