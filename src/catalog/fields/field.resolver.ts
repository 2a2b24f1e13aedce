import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { UpdateAssetPayload } from '../assets/asset.payload.js';
import { FieldType } from '../assets/asset.type.js';
import type { AssetField } from '../model/asset.js';
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
