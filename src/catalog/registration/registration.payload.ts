import { Extensions, Field, Int, ObjectType } from 'type-graphql';
import type { WeftlineError } from '../../errors.js';
import type { Asset } from '../model/asset.js';
import { AssetType, Dataset, Deployment, Model, Transformation } from '../assets/asset.type.js';

/** Most assets of one batch. */
const MAX_BATCH = 1_000;

@ObjectType({ description: 'The data set as registered.' })
export class RegisterDatasetPayload {
  @Field(() => Dataset, { description: 'The new data set.' })
  dataset!: Asset;
}

@ObjectType({ description: 'The transformation as registered.' })
export class RegisterTransformationPayload {
  @Field(() => Transformation, { description: 'The new transformation.' })
  transformation!: Asset;
}

@ObjectType({ description: 'The model as registered.' })
export class RegisterModelPayload {
  @Field(() => Model, { description: 'The new model.' })
  model!: Asset;
}

@ObjectType({ description: 'The deployment as registered.' })
export class RegisterDeploymentPayload {
  @Field(() => Deployment, { description: 'The new deployment.' })
  deployment!: Asset;
}

@ObjectType({ description: 'The reason why one asset of a batch is not registered.' })
export class RegistrationError {
  @Field(() => String, {
    description:
      'BAD_USER_INPUT, FORBIDDEN or CONFLICT, as an error of a single registration has it in its extensions; UNAVAILABLE: whether it is registered is not known.',
  })
  code!: string;
  @Field(() => String, { description: 'A message that says what happened, with which value, and what to do.' })
  message!: string;
}

@ObjectType({ description: 'The outcome for one asset of a batch: it has either an asset or an error.' })
export class RegistrationOutcome {
  @Field(() => Int, { description: 'Its place in the batch, from 0.' })
  index!: number;
  @Field(() => String, {
    nullable: true,
    description: 'The urn it asked for; null when it was refused before the catalog was asked.',
  })
  urn!: string | null;
  @Field(() => AssetType, { nullable: true, description: 'The asset as registered; null when it is not.' })
  asset!: Asset | null;
  @Field(() => RegistrationError, {
    nullable: true,
    description: 'The reason why it is not registered; null when it is.',
  })
  error!: RegistrationError | null;
}

@ObjectType({ description: 'The outcome of a batch of registrations.' })
export class RegisterAssetsPayload {
  @Field(() => Int, { description: 'The number of assets that were registered.' })
  registeredCount!: number;
  @Extensions({ listSize: MAX_BATCH })
  @Field(() => [RegistrationOutcome], { description: 'The outcome of each, in the order of the batch.' })
  outcomes!: RegistrationOutcome[];
  /** For the audit log: what was denied, once a namespace. */
  denials!: { input: { namespace: string }; error: WeftlineError; count: number }[];
}
