import { FacetBucket } from '../../catalog/model/facet.type.js';
import { Extensions, Field, ID, Int, ObjectType, Root } from 'type-graphql';
import type { Asset, AssetName } from '../../catalog/model/asset.js';
import { AssetType } from '../../catalog/assets/asset.type.js';
import { PageInfo } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import type { Claim } from '../statements/claim.js';
import { ClaimType } from '../statements/claim.type.js';
import { DIRECTIONS, type LineageEdge } from './lineage.js';

export const DirectionEnum = enumOf('Direction', DIRECTIONS, 'The direction in which the flow of data is followed.', {
  UPSTREAM: 'Towards where it came from.',
  DOWNSTREAM: 'Towards what was made of it.',
  BOTH: 'Upstream and downstream.',
});

@ObjectType('LineageNode', {
  description: 'One asset reached. A hidden one keeps the shape of the graph and tells nothing else.',
})
export class LineageNodeType {
  @Field(() => Int, { description: 'Hops from the nearest root: the shortest distance.' })
  depth!: number;
  @Field(() => AssetType, { nullable: true, description: 'The asset; null when you may not see it.' })
  asset!: Asset | AssetName | null;
  @Field(() => ID, {
    description: 'The key that edges name it by; stable within one answer and its pages, also for a hidden node.',
  })
  key!: string;
  @Field(() => Boolean, { description: 'You may not see what it is.' })
  hidden!: boolean;
  @Field(() => Int, {
    description: 'Upstream neighbours that this answer does not show; 0 when upstream was not asked for.',
  })
  moreUpstream!: number;
  @Field(() => Int, {
    description: 'Downstream neighbours that this answer does not show; 0 when downstream was not asked for.',
  })
  moreDownstream!: number;
}

@ObjectType('LineageEdge', { description: 'Data flows from one asset to another: so at least one source states.' })
export class LineageEdgeType {
  @Field(() => ID, { description: 'Key of the node the data comes from, or id of a root.' })
  source!: string;
  @Field(() => ID, { description: 'Key of the node the data goes to, or id of a root.' })
  target!: string;
  @Extensions({ listSize: 2 })
  @Field(() => [ClaimType], {
    description:
      'The claims that state it; empty when an end is hidden from you, and on an edge that bridges over ignored assets.',
  })
  claims!: Claim[];
  @Field(() => Int, {
    description: 'The number of ignored assets between, on the shortest way; 0 for a flow that is stated.',
  })
  through(@Root() edge: LineageEdge): number {
    return edge.through ?? 0;
  }
}

@ObjectType('Completeness', { description: 'The completeness of an answer: what it leaves out.' })
export class CompletenessType {
  @Field(() => Boolean, { description: 'Nothing is left out: not by permission, nor depth, nor page.' })
  complete!: boolean;
  @Field(() => Int, { description: 'Nodes within the depth that you may not see.' })
  hiddenNodes!: number;
  @Field(() => Int, { description: 'Nodes one hop beyond the depth.' })
  cutByDepth!: number;
  @Field(() => Boolean, { description: 'There are nodes before or after this page.' })
  cutByPage!: boolean;
}

@ObjectType({ description: 'Counts over everything reached, not only this page.' })
export class LineageFacet {
  @Field(() => String, { description: 'The facet: kind, owner or tag.' })
  name!: string;
  @Field(() => [FacetBucket], { description: 'The values, most frequent first.' })
  buckets!: FacetBucket[];
}

@ObjectType('Lineage', {
  description: 'One answer about lineage at asset level: thin nodes, the edges between them, and what is missing.',
})
export class LineageType {
  @Field(() => [AssetType], { description: 'The assets that were asked about.' })
  roots!: Asset[];
  @Field(() => [LineageNodeType], { description: 'The assets that were reached, the roots aside, nearest first.' })
  nodes!: LineageNodeType[];
  @Field(() => [LineageEdgeType], { description: 'The flows between the roots and the nodes up to this page.' })
  edges!: LineageEdgeType[];
  @Field(() => PageInfo, { description: 'The position of this page of nodes.' })
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'Distinct assets reached within the depth, the roots aside, hidden ones included.' })
  totalCount!: number;
  @Field(() => [LineageFacet], {
    description: 'Counts by kind, owner and tag over all visible assets reached; computed only when selected.',
  })
  facets(@Root() answer: { countFacets: () => Promise<LineageFacet[]> }): Promise<LineageFacet[]> {
    return answer.countFacets();
  }
  @Field(() => CompletenessType, { description: 'The completeness of this answer: what it leaves out.' })
  completeness!: CompletenessType;
}
