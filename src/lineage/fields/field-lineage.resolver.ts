import { Arg, Args, Ctx, Extensions, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Asset, AssetField } from '../../catalog/model/asset.js';
import { Dataset, FieldType } from '../../catalog/assets/asset.type.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import type { Context } from '../../graphql/context.js';
import { FieldLineageArgs } from './field-lineage.input.js';
import { type FieldLineage, type FieldLineageQuestion, MAX_FIELD_PAGE, type ShownField } from './field-lineage.js';
import type { FieldLineageService } from './field-lineage.service.js';
import { FieldLineageType } from './field-lineage.type.js';
import type { Direction } from '../trace/lineage.js';
import { DirectionEnum } from '../trace/lineage.type.js';

/** Weighs as much as a small list in the cost of an operation: it is a walk through the graph. */
const FIELD_LINEAGE_COST = 100;
const WHICH_WAY = 'The direction in which the flow of data is followed.';

@Resolver()
export class FieldLineageResolver {
  constructor(private readonly lineage: FieldLineageService) {}

  @Extensions({ maxPageSize: MAX_FIELD_PAGE })
  @Query(() => FieldLineageType, {
    name: 'fieldLineage',
    complexity: FIELD_LINEAGE_COST,
    description:
      'The fields that a field of a data set, or all of them, came from or went into. NOT_FOUND when the data set is not there for you, or has no such field.',
  })
  async traceField(
    @Ctx() { actor }: Context,
    @Arg('dataset', () => AssetRef, { description: 'The data set.' }) dataset: string,
    @Args(() => FieldLineageArgs) args: FieldLineageArgs,
    @Arg('field', () => String, { nullable: true, description: 'Name of the field; all fields, when not given.' })
    field?: string | null,
    @Arg('direction', () => DirectionEnum, { defaultValue: 'BOTH', description: WHICH_WAY })
    direction: Direction = 'BOTH',
  ) {
    return present(await this.lineage.ofDataset(actor, dataset, field ?? null, questionOf(direction, args)));
  }
}

@Resolver(() => FieldType)
export class FieldFieldsResolver {
  constructor(private readonly lineage: FieldLineageService) {}

  @FieldResolver(() => Dataset, { nullable: true, description: 'The data set it is of; null when you may not see it.' })
  async dataset(
    @Root() field: AssetField & Partial<ShownField>,
    @Ctx() { actor, loaders }: Context,
  ): Promise<Asset | null> {
    if (field.datasetThen) return field.datasetThen;
    return (await loaders.find('field.dataset', field.id, (ids) => this.lineage.datasetsOf(actor, ids))) ?? null;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'Among the nodes of a lineage, the hops from the nearest of the fields asked about: the shortest distance. null elsewhere.',
  })
  depth(@Root() { depth }: Partial<ShownField>): number | null {
    return depth ?? null;
  }

  @Extensions({ maxPageSize: MAX_FIELD_PAGE })
  @FieldResolver(() => FieldLineageType, {
    name: 'lineage',
    complexity: FIELD_LINEAGE_COST,
    description: 'The fields that it came from or went into. Nothing, when it is not in its data set at that time.',
  })
  async traceOne(
    @Root() field: AssetField,
    @Ctx() { actor, loaders }: Context,
    @Args(() => FieldLineageArgs) args: FieldLineageArgs,
    @Arg('direction', () => DirectionEnum, { description: WHICH_WAY }) direction: Direction,
  ) {
    const question = questionOf(direction, args);
    const batch = (ids: readonly string[]) =>
      this.lineage.ofEach(actor, new Map(ids.map((id) => [id, { ids: [id] }])), question);
    return present(await loaders.get('field.lineage', field.id, batch, question));
  }
}

@Resolver(() => Dataset)
export class DatasetFieldLineageResolver {
  constructor(private readonly lineage: FieldLineageService) {}

  @Extensions({ maxPageSize: MAX_FIELD_PAGE })
  @FieldResolver(() => FieldLineageType, {
    name: 'fieldLineage',
    complexity: FIELD_LINEAGE_COST,
    description: 'The fields that all of its fields came from or went into.',
  })
  async traceAll(
    @Root() dataset: Asset,
    @Ctx() { actor, loaders }: Context,
    @Args(() => FieldLineageArgs) args: FieldLineageArgs,
    @Arg('direction', () => DirectionEnum, { defaultValue: 'BOTH', description: WHICH_WAY }) direction: Direction,
  ) {
    const question = questionOf(direction, args);
    const batch = (ids: readonly string[]) =>
      this.lineage.ofEach(actor, new Map(ids.map((id) => [id, { dataset: id }])), question);
    return present(await loaders.get('dataset.fieldLineage', dataset.id, batch, question));
  }
}

function questionOf(direction: Direction, args: FieldLineageArgs): FieldLineageQuestion {
  const { depth, asOf = null, knownAt = null, first, after = null } = args;
  return { direction, depth, asOf, knownAt, first, after };
}

/** The answer as the schema shows it. */
function present({ page, ...rest }: FieldLineage) {
  return { ...rest, pageInfo: page };
}
