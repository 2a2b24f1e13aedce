import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { KeptResult } from '../../catalog/quality/quality.js';
import { QualityResultType } from '../../catalog/quality/quality.type.js';
import type { Context } from '../../graphql/context.js';
import type { Run } from './run.js';
import type { RunService } from './run.service.js';
import { RunType } from './run.type.js';

@Resolver(() => QualityResultType)
export class QualityRunResolver {
  constructor(private readonly runs: RunService) {}

  @FieldResolver(() => RunType, {
    nullable: true,
    description: 'The run that measured it; null when none is known, or you may not see it.',
  })
  async run(@Root() { runId }: KeptResult, @Ctx() { actor, loaders }: Context): Promise<Run | null> {
    if (runId === null) return null;
    return (await loaders.find('run', runId, (ids) => this.runs.byIds(actor, ids))) ?? null;
  }
}
