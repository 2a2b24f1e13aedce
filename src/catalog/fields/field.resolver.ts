import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { UpdateAssetPayload } from '../assets/asset.payload.js';
import { RenameFieldInput, SetFieldsInput } from './field.input.js';
import type { FieldService } from './field.service.js';

@Resolver()
export class FieldMutations {
  constructor(private readonly fields: FieldService) {}

  @Mutation(() => UpdateAssetPayload, {
    description: 'Gives a data set its fields, or some more; needs EDIT.',
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
