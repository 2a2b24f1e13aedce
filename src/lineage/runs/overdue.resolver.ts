import { Arg, Ctx, Field, FieldResolver, ID, InputType, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { DateTime } from '../../graphql/scalars.js';
import type { OverdueRuns } from './overdue.service.js';
import type { Run } from './run.js';
import { RunPayload, RunType } from './run.type.js';

@InputType({ description: 'A run that still goes on.' })
export class HeartbeatRunInput {
  @Field(() => ID, { description: 'Id of the run.' })
  run!: string;
}

@Resolver(() => RunType)
export class OverdueResolver {
  constructor(private readonly overdueRuns: OverdueRuns) {}

  @Mutation(() => RunPayload, {
    description:
      'Records that a run goes on, so that it is not overdue; needs EDIT on the transformation. See `Namespace.runsOverdueAfterSeconds`.',
  })
  async heartbeatRun(
    @Ctx() { actor }: Context,
    @Arg('input', () => HeartbeatRunInput, { description: 'The run.' }) input: HeartbeatRunInput,
  ): Promise<RunPayload> {
    return { run: await this.overdueRuns.beat(actor, input.run) };
  }

  @FieldResolver(() => Boolean, {
    description:
      'It has begun, has not ended, and was silent for longer than its namespace allows (`runsOverdueAfterSeconds`). A run of a training job never is: Weftline looks after it.',
  })
  async overdue(@Root() run: Run, @Ctx() context: Context): Promise<boolean> {
    return (await this.since(run, context)) !== undefined;
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: 'The time since which it is overdue; null while it is not.',
  })
  async overdueSince(@Root() run: Run, @Ctx() context: Context): Promise<Date | null> {
    return (await this.since(run, context)) ?? null;
  }

  private async since({ id, shownAt }: Run, { actor, loaders }: Context): Promise<Date | undefined> {
    const batch = (ids: readonly string[]) => this.overdueRuns.since(actor, ids, shownAt);
    return loaders.find('run.overdue', id, batch, shownAt && { shownAt });
  }
}
