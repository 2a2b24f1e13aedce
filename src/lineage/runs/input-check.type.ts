import { Field, ObjectType } from 'type-graphql';
import { VersionUnion } from '../../catalog/versions/version.type.js';
import type { Version } from '../../catalog/versions/version.js';
import { INPUT_STATES, type InputState } from '../../disk/content/input-states.js';
import { enumOf } from '../../graphql/enums.js';
import { BigIntScalar, DateTime } from '../../graphql/scalars.js';
import type { InputCheck } from './input-check.js';

const InputStateEnum = enumOf(
  'InputState',
  INPUT_STATES,
  'The result of comparing what a run reads with what its version was published with.',
  {
    VERIFIED: 'It had the digest, and the size, that its version was published with.',
    NOT_VERIFIED: 'It was not compared, or could not be: `note` says why.',
    CHANGED: 'It was something else, and the program did not begin.',
    MISSING: 'It was not there, and the program did not begin.',
  },
);

@ObjectType('InputCheck', {
  description:
    'Whether a run read what a version was published with, as the runner found right before the program began, at the last attempt.',
})
export class InputCheckType {
  @Field(() => InputStateEnum, { description: 'The result of the comparison.' })
  state!: InputState;
  @Field(() => String, { nullable: true, description: 'For people: the reason; null for what is verified.' })
  note!: string | null;
  @Field(() => String, { nullable: true, description: 'The digest that was found instead; null when it was none.' })
  digest!: string | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'The size that was found with that, in bytes.' })
  bytes!: bigint | null;
  @Field(() => DateTime, { nullable: true, description: 'The time when it was looked at; null when it was not.' })
  at!: Date | null;
}

@ObjectType({ description: 'A version that a run read, and whether it was what was published.' })
export class CheckedInput {
  @Field(() => VersionUnion, { description: 'The version.' })
  version!: Version;
  @Field(() => InputCheckType, { description: 'The comparison of its data with it, right before the run.' })
  check!: InputCheck;
}
