import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { badInput, ErrorCode } from '../../errors.js';
import type { Context } from '../../graphql/context.js';
import * as input from './registration.input.js';
import * as payload from './registration.payload.js';
import { type Outcome, type RegistrationService } from './registration.service.js';
import { partsOfUrn } from '../model/urn.js';
import { datasetWanted, deploymentWanted, modelWanted, transformationWanted, wantedOf } from './registration.wanted.js';

@Resolver()
export class RegistrationResolver {
  constructor(private readonly registrations: RegistrationService) {}

  @Mutation(() => payload.RegisterDatasetPayload, { description: 'Registers a data set.' })
  async registerDataset(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RegisterDatasetInput, { description: 'The data set to register.' })
    given: input.RegisterDatasetInput,
  ): Promise<payload.RegisterDatasetPayload> {
    return { dataset: await this.registrations.register(actor, datasetWanted(given)) };
  }

  @Mutation(() => payload.RegisterTransformationPayload, { description: 'Registers a transformation.' })
  async registerTransformation(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RegisterTransformationInput, { description: 'The transformation to register.' })
    given: input.RegisterTransformationInput,
  ): Promise<payload.RegisterTransformationPayload> {
    return { transformation: await this.registrations.register(actor, transformationWanted(given)) };
  }

  @Mutation(() => payload.RegisterModelPayload, { description: 'Registers a model.' })
  async registerModel(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RegisterModelInput, { description: 'The model to register.' })
    given: input.RegisterModelInput,
  ): Promise<payload.RegisterModelPayload> {
    return { model: await this.registrations.register(actor, modelWanted(given)) };
  }

  @Mutation(() => payload.RegisterDeploymentPayload, { description: 'Registers a deployment.' })
  async registerDeployment(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RegisterDeploymentInput, { description: 'The deployment to register.' })
    given: input.RegisterDeploymentInput,
  ): Promise<payload.RegisterDeploymentPayload> {
    return { deployment: await this.registrations.register(actor, deploymentWanted(given)) };
  }

  @Mutation(() => payload.RegisterAssetsPayload, {
    description:
      'Registers up to 1,000 assets, for who loads a catalog. What is wrong with one is told at that one and stops no other, unless `allOrNothing` is asked for. The whole request has to stay below WEFTLINE_BODY_LIMIT_BYTES.',
  })
  async registerAssets(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RegisterAssetsInput, {
      description: 'The assets to register, and whether they stand or fall together.',
    })
    given: input.RegisterAssetsInput,
  ): Promise<payload.RegisterAssetsPayload> {
    if (given.assets.length === 0) throw badInput('`assets` is empty. Give one asset at least.');
    const wanted = given.assets.map((each) => () => wantedOf(each));
    const outcomes = await this.registrations.registerAll(actor, wanted, given.allOrNothing);
    return {
      registeredCount: outcomes.filter((each) => 'asset' in each).length,
      outcomes: outcomes.map(toOutcome),
      denials: denialsIn(outcomes),
    };
  }
}

function denialsIn(outcomes: readonly Outcome[]): payload.RegisterAssetsPayload['denials'] {
  const denials = new Map<string, payload.RegisterAssetsPayload['denials'][number]>();
  for (const each of outcomes) {
    if (!('error' in each) || each.urn === null || each.error.code !== ErrorCode.FORBIDDEN) continue;
    const { namespace } = partsOfUrn(each.urn);
    const before = denials.get(namespace)?.count ?? 0;
    denials.set(namespace, { input: { namespace }, error: each.error, count: before + 1 });
  }
  return [...denials.values()];
}

function toOutcome(outcome: Outcome, index: number): payload.RegistrationOutcome {
  const { urn } = outcome;
  if ('asset' in outcome) return { index, urn, asset: outcome.asset, error: null };
  const { code, message } = outcome.error;
  return { index, urn, asset: null, error: { code, message } };
}
