import { Field, Int, ObjectType } from 'type-graphql';
import type { LineageEdge } from '../trace/lineage.js';
import { LineageEdgeType } from '../trace/lineage.type.js';

@ObjectType({ description: 'The flows as now stated.' })
export class ClaimLineagePayload {
  @Field(() => [LineageEdgeType], {
    description: "The flows named, with this source's claims on them as they now are, the newest first.",
  })
  edges!: LineageEdge[];
  @Field(() => Int, {
    description:
      'The number of flows that this source no longer claims from then on, or not at all, because the report leaves them out.',
  })
  ended!: number;
}

@ObjectType({ description: 'The outcome of the retraction.' })
export class RetractLineagePayload {
  @Field(() => Int, { description: 'The number of statements that were taken back; 0 when the source had made none.' })
  retracted!: number;
  @Field(() => Int, { description: 'The number of statements that were true until `from`, and end there now.' })
  ended!: number;
}
