import { Field, InputType } from 'type-graphql';
import { enumOf } from '../../graphql/enums.js';
import { ChangeAssetInput, FieldInput } from '../assets/asset.input.js';

const SET_FIELDS_MODES = ['REPLACE', 'MERGE'] as const;
export type SetFieldsMode = (typeof SET_FIELDS_MODES)[number];

const SetFieldsModeEnum = enumOf(
  'SetFieldsMode',
  SET_FIELDS_MODES,
  'The fate of the fields of a data set that are not named.',
  {
    REPLACE: 'They are removed: those that are named are all, in their order.',
    MERGE:
      'They stay. Of a field that is there, what is left out stays as well, and null clears; new ones are added at the end.',
  },
);

@InputType({
  description:
    'Fields for a data set: all of them, or some at a time, for a table that is too wide to be sent at once. A name that stays keeps its id.',
})
export class SetFieldsInput extends ChangeAssetInput {
  @Field(() => [FieldInput], { description: 'The fields, in order.' })
  fields!: FieldInput[];
  @Field(() => SetFieldsModeEnum, { defaultValue: 'REPLACE', description: 'The fate of those that are not named.' })
  mode!: SetFieldsMode;
}

@InputType({
  description:
    'A new name for a field of a data set. It keeps its id and its lineage, and is shown by its former name as of before.',
})
export class RenameFieldInput extends ChangeAssetInput {
  @Field(() => String, { description: 'The name of the field until now, or its id.' })
  field!: string;
  @Field(() => String, {
    description:
      'The new name, with the whole path of a nested field. What lies in a struct is renamed with it: `address.city` follows `address`.',
  })
  name!: string;
}
