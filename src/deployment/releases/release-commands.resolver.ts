import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import * as input from './release.input.js';
import { DeployModelResult, EndReleasePayload } from './release.type.js';
import type { DeployOutcome, ReleaseCommands } from './release-commands.service.js';

@Resolver()
export class ReleasingResolver {
  constructor(private readonly releasing: ReleaseCommands) {}

  @Mutation(() => DeployModelResult, {
    description: 'Releases a model version on a deployment; what served there ends.',
  })
  deployModel(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.DeployModelInput, { description: 'The model version, and the deployment.' })
    given: input.DeployModelInput,
  ): Promise<DeployOutcome> {
    return this.releasing.deploy(actor, given);
  }

  @Mutation(() => DeployModelResult, {
    description:
      'Releases on one deployment what serves, or served, on another. CONFLICT when the version never served there.',
  })
  promoteRelease(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.PromoteReleaseInput, { description: 'The source and the target deployment.' })
    given: input.PromoteReleaseInput,
  ): Promise<DeployOutcome> {
    return this.releasing.promote(actor, given);
  }

  @Mutation(() => DeployModelResult, {
    description:
      'Takes a deployment back to an earlier release, as a new release that says `rolledBackTo`. CONFLICT when there is none.',
  })
  rollbackRelease(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RollbackReleaseInput, { description: 'The deployment, and the release to return to.' })
    given: input.RollbackReleaseInput,
  ): Promise<DeployOutcome> {
    return this.releasing.rollBack(actor, given);
  }

  @Mutation(() => EndReleasePayload, { description: 'Ends what serves on a deployment: nothing serves there then.' })
  async endRelease(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.EndReleaseInput, { description: 'The deployment that is to serve nothing from now on.' })
    given: input.EndReleaseInput,
  ): Promise<EndReleasePayload> {
    return { release: await this.releasing.end(actor, given) };
  }
}
