import { Field, ID, InputType } from 'type-graphql';
import { enumOf } from '../../graphql/enums.js';
import { DateTime, Json } from '../../graphql/scalars.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { FINAL_STATES, type FinalState } from './run.js';

const FinalStateEnum = enumOf('RunFinalState', FINAL_STATES, 'The final state of a run.', {
  SUCCEEDED: 'It did what it should.',
  FAILED: 'It did not.',
  CANCELLED: 'It was stopped.',
});

@InputType({ description: 'A run that begins outside Weftline and is reported here.' })
export class StartRunInput {
  @Field(() => AssetRef, { description: 'The transformation that runs.' })
  transformation!: string;
  @Field(() => [ID], { defaultValue: [], description: 'Ids of the exact versions it reads.' })
  inputs!: string[];
  @Field(() => DateTime, { nullable: true, description: 'The time when it began; now, when not given.' })
  startedAt?: Date | null;
  @Field(() => ID, { nullable: true, description: 'The run it is part of.' })
  parent?: string | null;
  @Field(() => Json, { nullable: true, description: 'Facts of the run, as OpenLineage run facets: a JSON object.' })
  facets?: Record<string, unknown> | null;
  @Field(() => String, {
    nullable: true,
    description:
      'A key of your own for this start, unique for the transformation, such as the id of the run in its scheduler: the same start sent again with it answers the run that it began. At most 200 characters.',
  })
  idempotencyKey?: string | null;
}

@InputType({ description: 'The end of a run, and the versions it generated.' })
export class FinishRunInput {
  @Field(() => ID, { description: 'Id of the run.' })
  run!: string;
  @Field(() => FinalStateEnum, { defaultValue: 'SUCCEEDED', description: 'The final state.' })
  state!: FinalState;
  @Field(() => [ID], { defaultValue: [], description: 'Ids of the exact versions it made.' })
  outputs!: string[];
  @Field(() => [ID], { defaultValue: [], description: 'Versions it read beyond those named at its start.' })
  inputs!: string[];
  @Field(() => DateTime, { nullable: true, description: 'The time when it ended; now, when not given.' })
  endedAt?: Date | null;
  @Field(() => String, { nullable: true, description: 'The error message.' })
  error?: string | null;
  @Field(() => Json, { nullable: true, description: 'Further facts; they are added to those it has, by key.' })
  facets?: Record<string, unknown> | null;
}
