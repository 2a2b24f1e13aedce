import { Field, Int, ObjectType } from 'type-graphql';
import type { LineageEdge } from './lineage.js';
import { LineageEdgeType } from './lineage.type.js';

@ObjectType({ description: 'The flows as now stated.' })
export class ClaimLineagePayload {
  @Field(() => [LineageEdgeType], { description: "The flows with this source's claims, the newest first." })
  edges!: LineageEdge[];
}

@ObjectType({ description: 'What was taken back.' })
export class RetractLineagePayload {
  @Field(() => Int, { description: 'How many claims were taken back; 0 when the source stated none of the flows.' })
  retracted!: number;
}
