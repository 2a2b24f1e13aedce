import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import { ActionEnum } from '../policies/action.type.js';
import type { Action } from '../policies/facts.js';
import {
  BREAK_GLASS_CHANGES,
  BREAK_GLASS_STATES,
  BREAK_GLASS_VERDICTS,
  type BreakGlass,
  type BreakGlassChange,
} from './break-glass.js';

export const BreakGlassStateEnum = enumOf('BreakGlassState', BREAK_GLASS_STATES, 'The state of an emergency.', {
  ACTIVE: 'It goes on.',
  REVIEW_DUE: 'It is over, and waits for a review.',
  REVIEW_OVERDUE: 'It is over, and was not reviewed in time: who opened it gets nothing through by another one.',
  REVIEWED: 'It is over and reviewed.',
});
export const BreakGlassVerdictEnum = enumOf('BreakGlassVerdict', BREAK_GLASS_VERDICTS, 'The verdict of a review.', {
  JUSTIFIED: 'It was an emergency, and what was done was right.',
  UNJUSTIFIED: 'It was none, or something else should have been done.',
});
const ChangeEnum = enumOf('BreakGlassChange', BREAK_GLASS_CHANGES, 'A change of an emergency.', {
  OPENED: 'It began.',
  CLOSED: 'Somebody ended it.',
  EXPIRED: 'It ended by itself.',
  REVIEWED: 'It was reviewed.',
});

@ObjectType('BreakGlass', {
  implements: [Node],
  description:
    'An emergency: for a time, policies that say so give way to one person who does some things with one asset. Rights never do.',
})
export class BreakGlassType extends Node {
  @Field(() => String, { description: 'The name of the asset when it began.' })
  assetUrn!: string;
  @Field(() => [ActionEnum], { description: 'The actions that it is for.' })
  actions!: readonly Action[];
  @Field(() => String, { description: 'The reason.' })
  reason!: string;
  @Field(() => DateTime, { description: 'The time when it began.' })
  openedAt!: Date;
  @Field(() => DateTime, { description: 'The time when it ends by itself.' })
  endsAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'The time when somebody ended it; null: nobody did.' })
  closedAt!: Date | null;
}

export const BreakGlassConnection = connectionOf(BreakGlassType, 'BreakGlass');

@ObjectType({ description: 'The emergency after the change.' })
export class BreakGlassPayload {
  @Field(() => BreakGlassType, { description: 'The emergency as it is after the change.' })
  breakGlass!: BreakGlass;
}

@ObjectType('BreakGlassEvent', {
  description: 'An emergency began, ended or was reviewed, on an asset that you may see.',
})
export class BreakGlassEventType {
  @Field(() => String, { description: 'Its position in the stream: pass it as `after` to go on from here.' })
  cursor!: string;
  @Field(() => DateTime, { description: 'The time when it happened.' })
  at!: Date;
  @Field(() => ChangeEnum, { description: 'The change.' })
  change!: BreakGlassChange;
  @Field(() => BreakGlassType, { description: 'The emergency, as it is now.' })
  breakGlass!: object;
}
