import { Args, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import type { Found, TrainedOnService } from './trained-on.service.js';
import * as type from './trained-on.type.js';

/** Weighs as a walk through the graph. */
const WALK_COST = 100;

@Resolver()
export class TrainedOnResolver {
  constructor(private readonly training: TrainedOnService) {}

  @Query(() => type.TrainedOnConnection, {
    complexity: WALK_COST,
    description:
      'The exact data a model version was trained on, at any remove, or any version of a model. NOT_FOUND when it is not there for you.',
  })
  async trainedOn(
    @Ctx() { actor }: Context,
    @Args(() => type.TrainedOnArgs) { model, version: named, modelVersion, ...args }: type.TrainedOnArgs,
  ): Promise<type.TrainedOnConnection> {
    const found = await this.training.trainedOn(actor, { ...args, asset: model, named, version: modelVersion });
    return { ...present(found), edges: found.edges.map(({ version, ...edge }) => ({ ...edge, node: version })) };
  }

  @Query(() => type.DeploymentsTrainedOnConnection, {
    complexity: WALK_COST,
    description:
      'The releases that serve, or served, something trained on a data set version, at any remove, or on any version of a data set. NOT_FOUND when it is not there for you.',
  })
  async deploymentsTrainedOn(
    @Ctx() { actor }: Context,
    @Args(() => type.DeploymentsTrainedOnArgs)
    { dataset, version: named, datasetVersion, ...args }: type.DeploymentsTrainedOnArgs,
  ): Promise<type.DeploymentsTrainedOnConnection> {
    const found = await this.training.deployments(actor, { ...args, asset: dataset, named, version: datasetVersion });
    const edges = found.edges.map(({ release, ...edge }) => ({ ...edge, node: release, live: release.until === null }));
    return { ...present(found), edges };
  }
}

function present<T>({ edges, total, hidden, cutByDepth, hasPrevious, hasNext }: Found<T>) {
  const cutByPage = hasPrevious || hasNext;
  return {
    pageInfo: {
      hasNextPage: hasNext,
      hasPreviousPage: hasPrevious,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: total,
    completeness: {
      complete: hidden === 0 && cutByDepth === 0 && !cutByPage,
      hiddenNodes: hidden,
      cutByDepth,
      cutByPage,
    },
  };
}
