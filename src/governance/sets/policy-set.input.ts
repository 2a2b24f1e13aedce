import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'A file of policies.' })
export class PolicyFileInput {
  @Field(() => String, {
    description: 'The name of the file, as `residency.cedar`: 1 to 200 characters, each name once.',
  })
  path!: string;
  @Field(() => String, { description: 'The text: policies of Cedar.' })
  text!: string;
}

@InputType({ description: 'A set of policies to bring in.' })
export class UploadPolicySetInput {
  @Field(() => [PolicyFileInput], { description: 'The files of policies; none: a set that denies all.' })
  files!: PolicyFileInput[];
  @Field(() => String, { nullable: true, description: 'The schema of Cedar; when not given, that of Weftline.' })
  schema?: string | null;
  @Field(() => String, { nullable: true, description: 'The reason: it stands in the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'A set of policies to activate.' })
export class ActivatePolicySetInput {
  @Field(() => ID, { description: 'Id of the set.' })
  policySet!: string;
  @Field(() => ID, {
    nullable: true,
    description:
      'Id of the set that you believe to be active; null: none. When another one is, nothing changes and you are told (CONFLICT).',
  })
  expectedActive!: string | null;
  @Field(() => String, { nullable: true, description: 'The reason: it stands in the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'The end of all that is decided by policies.' })
export class DeactivatePoliciesInput {
  @Field(() => ID, {
    description:
      'Id of the set that you believe to be active. When another one is, nothing changes and you are told (CONFLICT).',
  })
  expectedActive!: string;
  @Field(() => String, { description: 'The reason: it stands in the audit log.' })
  reason!: string;
}
