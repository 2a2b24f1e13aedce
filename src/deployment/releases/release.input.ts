import { Field, ID, InputType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';

const EXPECTED =
  'Id of the release that you believe serves there now; null when you believe that nothing does. Another one is a CONFLICT and nothing changes. Left out: whatever serves is replaced.';

@InputType({ description: 'The members that every change of a release can be asked with.' })
class ReleaseWishInput {
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
  @Field(() => ID, { nullable: true, description: EXPECTED })
  expectedCurrent?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Repeating the request with the same key gives the release it made, even when something else serves since; with another body it is a CONFLICT.',
  })
  idempotencyKey?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'true: the answer is what would come of it, and nothing is done, kept or asked of anybody.',
  })
  dryRun?: boolean | null;
}

@InputType({ description: 'A model version to release on a deployment.' })
export class DeployModelInput extends ReleaseWishInput {
  @Field(() => ID, { description: 'Id of the exact model version; needs DEPLOY on the model.' })
  modelVersion!: string;
  @Field(() => AssetRef, { description: 'The deployment that is to serve it; needs EDIT on the deployment.' })
  deployment!: string;
}

@InputType({
  description: 'The release of one deployment, to be released on another: from staging to production, say.',
})
export class PromoteReleaseInput extends ReleaseWishInput {
  @Field(() => AssetRef, { description: 'The deployment where the version proved itself; needs VIEW.' })
  from!: string;
  @Field(() => AssetRef, {
    description: 'The deployment that is to serve it; needs EDIT on it, and DEPLOY on the model.',
  })
  to!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the model version, which serves or served on `from`; what serves there now, when not given.',
  })
  modelVersion?: string | null;
}

@InputType({ description: 'A deployment to take back to what served before.' })
export class RollbackReleaseInput extends ReleaseWishInput {
  @Field(() => AssetRef, { description: 'The deployment; needs EDIT on it, and DEPLOY on the model.' })
  deployment!: string;
  @Field(() => ID, {
    nullable: true,
    description:
      'Id of an earlier release of this deployment. When not given, the one before what serves now that had another model version; what last served, when nothing does.',
  })
  to?: string | null;
}

@InputType({ description: 'A deployment where nothing shall serve any more.' })
export class EndReleaseInput {
  @Field(() => AssetRef, { description: 'The deployment; needs EDIT.' })
  deployment!: string;
  @Field(() => ID, { nullable: true, description: EXPECTED.replace('replaced', 'ended') })
  expectedCurrent?: string | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}
