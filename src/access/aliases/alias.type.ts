import { Field, ObjectType } from 'type-graphql';
import { Urn } from '../../catalog/model/ref.scalars.js';
import { connectionOf } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import { ALIAS_SOURCES, ALIAS_STATES, type AliasProposal, type AliasSource, type AliasState } from './alias.js';

export const AliasStateEnum = enumOf('AliasProposalState', ALIAS_STATES, 'The state of a proposal to join two names.', {
  PROPOSED: 'Waits for the words of owners.',
  ACCEPTED: 'Owners of both agreed: they are one data set.',
  DECLINED: 'An owner of one of them declined.',
  WITHDRAWN: 'It was taken back by whoever made it.',
  UNDONE: 'They were one data set, and are two again.',
});

const AliasSourceEnum = enumOf('AssetAliasSource', ALIAS_SOURCES, 'The origin of another name of an asset.', {
  RENAMED: 'A name that it had before.',
  SYMLINK: 'A name that a producer told of, in the facet `symlinks`.',
  JOINED: 'A name of a data set that its owners joined into it.',
});

@ObjectType('AliasProposal', {
  implements: [Node],
  description: 'A proposal that two data sets are one table under two names. Owners of both decide.',
})
export class AliasProposalType extends Node {
  @Field(() => Urn, { description: 'The urn of `asset` when it was proposed.' })
  assetUrn!: string;
  @Field(() => Urn, { description: 'The urn of `sameAs` when it was proposed.' })
  sameAsUrn!: string;
  @Field(() => AliasStateEnum, { description: 'The state.' })
  state!: AliasState;
  @Field(() => String, { nullable: true, description: 'The reason of the proposer; null when there is none.' })
  reason!: string | null;
  @Field(() => DateTime, { description: 'The time when it was proposed.' })
  createdAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time when it was accepted, declined or withdrawn; null while it is open.',
  })
  decidedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'The reason of the decider; null when there is none.' })
  decision!: string | null;
  @Field(() => DateTime, { nullable: true, description: 'The time when it was undone; null: it was not.' })
  undoneAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'The reason for undoing it; null when there is none.' })
  undoReason!: string | null;
}

export const AliasProposalConnection = connectionOf(AliasProposalType, 'AliasProposal');

@ObjectType({ description: 'The proposal after the change.' })
export class AliasProposalPayload {
  @Field(() => AliasProposalType, { description: 'The alias proposal as it is after the change.' })
  aliasProposal!: AliasProposal;
}

@ObjectType('AssetAlias', { description: 'Another name of an asset: references and events by it lead to the asset.' })
export class AssetAliasType {
  @Field(() => Urn, { description: 'The urn of that name.' })
  urn!: string;
  @Field(() => AliasSourceEnum, { description: 'The origin of the name.' })
  source!: AliasSource;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time since which the name has been known; null: since the asset was registered.',
  })
  since!: Date | null;
}
