import { Field, ID, InputType } from 'type-graphql';
import type { Action } from '../../auth/rights.js';
import { ChangeAssetInput, OwnerInput } from '../../catalog/assets/asset.input.js';
import { ActionEnum } from '../../graphql/enums.js';
import { DateTime } from '../../graphql/scalars.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';

@InputType({ description: 'The owners that an asset is to have.' })
export class SetOwnersInput extends ChangeAssetInput {
  @Field(() => [OwnerInput], { description: 'All its owners, one OWNER at least: they replace those it has.' })
  owners!: OwnerInput[];
}

@InputType({ description: 'A request to use an asset that somebody else owns.' })
export class RequestAccessInput {
  @Field(() => AssetRef, { description: 'The asset that access is asked for or given to.' })
  asset!: string;
  @Field(() => [ActionEnum], { description: 'The actions that are requested.' })
  actions!: Action[];
  @Field(() => String, { description: 'The stated purpose: owners decide by it, and it is kept.' })
  purpose!: string;
  @Field(() => DateTime, {
    description: 'Until when you need it: in a year at the latest, or sooner where the settings say so.',
  })
  until!: Date;
  @Field(() => ID, { nullable: true, description: 'For which team of yours; for yourself, when not given.' })
  grantee?: string | null;
}

@InputType({ description: 'A decision on an access request.' })
export class DecideAccessInput {
  @Field(() => ID, { description: 'Id of the request.' })
  request!: string;
  @Field(() => Boolean, { description: 'true grants what was asked for, false denies it.' })
  approve!: boolean;
  @Field(() => [ActionEnum], {
    nullable: true,
    description: 'Only these of the actions that were asked for; all of them, when not given.',
  })
  actions?: Action[] | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'An earlier end than was asked for; needed where that is later than the settings allow now.',
  })
  until?: Date | null;
  @Field(() => String, { nullable: true, description: 'The reason; the asker reads it.' })
  reason?: string | null;
}

@InputType({ description: 'A request to take back.' })
export class WithdrawAccessRequestInput {
  @Field(() => ID, { description: 'Id of the request.' })
  request!: string;
  @Field(() => String, { nullable: true, description: 'The reason; owners read it.' })
  reason?: string | null;
}

@InputType({ description: 'Access to give without a request.' })
export class GrantAccessInput {
  @Field(() => AssetRef, { description: 'To which asset.' })
  asset!: string;
  @Field(() => ID, { description: 'Id of the user, service account or team who shall have it.' })
  grantee!: string;
  @Field(() => [ActionEnum], { description: 'The actions that they may take on it.' })
  actions!: Action[];
  @Field(() => String, { description: 'The stated purpose: it is kept.' })
  purpose!: string;
  @Field(() => DateTime, {
    description: 'Until when; it then ends by itself. In a year at the latest, or sooner where the settings say so.',
  })
  until!: Date;
}

@InputType({ description: 'A grant to end.' })
export class RevokeAccessInput {
  @Field(() => ID, { description: 'Id of the grant.' })
  grant!: string;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}
