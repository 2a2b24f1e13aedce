import { Field, ID, InputType, Int } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { ActionEnum } from '../policies/action.type.js';
import type { Action } from '../policies/facts.js';
import type { BreakGlassState, BreakGlassVerdict } from './break-glass.js';
import { BreakGlassStateEnum, BreakGlassVerdictEnum } from './break-glass.type.js';

@InputType({ description: 'An emergency: for a time, policies that say so give way to you.' })
export class OpenBreakGlassInput {
  @Field(() => AssetRef, { description: 'The asset that it is for: the deployment, the transformation …' })
  asset!: string;
  @Field(() => [ActionEnum], { description: 'The actions that it is for; you need the rights for them.' })
  actions!: Action[];
  @Field(() => String, { description: 'The reason: policies, the second person and who reviews it read it.' })
  reason!: string;
  @Field(() => Int, { description: 'The minutes until it ends, at most those of WEFTLINE_BREAK_GLASS_HOURS.' })
  minutes!: number;
  @Field(() => ID, {
    description:
      'Id of the second person, who is told: an active user other than you, an OWNER of the asset or an ADMIN.',
  })
  secondPerson!: string;
}

@InputType({ description: 'An emergency that is ended.' })
export class CloseBreakGlassInput {
  @Field(() => ID, { description: 'Id of the emergency.' })
  breakGlass!: string;
}

@InputType({ description: 'A review of an emergency.' })
export class ReviewBreakGlassInput {
  @Field(() => ID, { description: 'Id of the emergency.' })
  breakGlass!: string;
  @Field(() => BreakGlassVerdictEnum, { description: 'The verdict.' })
  verdict!: BreakGlassVerdict;
  @Field(() => String, { description: 'The grounds of the verdict, and what is to be done.' })
  text!: string;
}

@InputType({ description: 'Conditions on the emergencies of a list, which have to hold together.' })
export class BreakGlassFilter {
  @Field(() => AssetRef, { nullable: true, description: 'Id or urn of the asset.' })
  asset?: string | null;
  @Field(() => [BreakGlassStateEnum], { nullable: true, description: 'In one of these states.' })
  states?: BreakGlassState[] | null;
  @Field(() => Boolean, { nullable: true, description: 'true: that wait for a review; false: all others.' })
  due?: boolean | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'true: only those of which you are the second person; false: all.',
  })
  toldToMe?: boolean | null;
}
