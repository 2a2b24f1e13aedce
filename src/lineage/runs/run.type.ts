import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { VersionUnion } from '../../catalog/versions/version.type.js';
import type { Version } from '../../catalog/versions/version.js';
import { connectionOf } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime, Json } from '../../graphql/scalars.js';
import { CompletenessType } from '../trace/lineage.type.js';
import type { InputCheck } from './input-check.js';
import { InputCheckType } from './input-check.type.js';
import { type Run, RUN_STATES, type RunState } from './run.js';

export const RunStateEnum = enumOf('RunState', RUN_STATES, 'The state of a run.', {
  QUEUED: 'It waits to begin.',
  RUNNING: 'It has begun.',
  SUCCEEDED: 'It did what it should.',
  FAILED: 'It did not.',
  CANCELLED: 'It was stopped.',
});

@ObjectType('Run', {
  implements: [Node],
  description: 'One execution of a transformation, with the exact versions it read and made.',
})
export class RunType extends Node {
  @Field(() => String, {
    nullable: true,
    description: 'The id by which its producer knows it, as an OpenLineage runId; null when no event told of it.',
  })
  externalId!: string | null;
  @Field(() => RunStateEnum, { description: 'The state.' })
  state!: RunState;
  @Field(() => DateTime, { nullable: true, description: 'The time when it began; null while it is queued.' })
  startedAt!: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'The time when it ended; null while it has not.' })
  endedAt!: Date | null;
  @Field(() => Float, { nullable: true, description: 'Seconds from begin to end; null while it has not ended.' })
  durationSeconds!: number | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The error message; null when nothing did. Of a run that was launched or that events told of, withheld from who may not EDIT the transformation.',
  })
  error!: string | null;
  @Field(() => Json, {
    description:
      'Facts of the run, as OpenLineage run facets. The command of a launched one, and what can hold code, settings or names in what events told, only for who may EDIT the transformation: `$withheld` says so.',
  })
  facets!: Record<string, unknown>;
}

export const RunConnection = connectionOf(RunType, 'Run');

@ObjectType({ description: 'The run after the change.' })
export class RunPayload {
  @Field(() => RunType, { description: 'The run as it is after the change.' })
  run!: Run;
}

@ObjectType({ description: 'That a version was used by a run, or a run generated a version.' })
export class ProvenanceEdge {
  @Field(() => ID, {
    description: 'Id of the version or run the data comes from; an opaque key when it is hidden from you.',
  })
  source!: string;
  @Field(() => ID, { description: 'Id of the run or version it goes to; an opaque key when it is hidden from you.' })
  target!: string;
  @Field(() => InputCheckType, {
    nullable: true,
    description:
      'Whether the run read what the version was published with; null for what a run made, and where an end is hidden from you.',
  })
  check!: InputCheck | null;
}

@ObjectType('Provenance', {
  description: 'The exact versions and runs that produced something, or were made with it, at any remove.',
})
export class ProvenanceType {
  @Field(() => [VersionUnion], {
    description: 'The versions, nearest first; without the one asked about. At most 2,000 versions and runs together.',
  })
  versions!: Version[];
  @Field(() => [RunType], { description: 'The runs between them, nearest first.' })
  runs!: Run[];
  @Field(() => [ProvenanceEdge], { description: 'The edges between them, in the direction of the data.' })
  edges!: ProvenanceEdge[];
  @Field(() => CompletenessType, { description: 'The completeness of this answer: what it leaves out.' })
  completeness!: CompletenessType;
}

@ObjectType({ description: 'The parts of a run that are hidden from you.' })
export class HiddenVersions {
  @Field(() => Int, { description: 'Versions it read that you may not see.' })
  inputs!: number;
  @Field(() => Int, { description: 'Versions it made that you may not see.' })
  outputs!: number;
}
