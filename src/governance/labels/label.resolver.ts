import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Dataset, Deployment, FieldType, Model, Transformation } from '../../catalog/assets/asset.type.js';
import type { Asset, AssetField } from '../../catalog/model/asset.js';
import type { Version } from '../../catalog/versions/version.js';
import { DatasetVersion, ModelVersion } from '../../catalog/versions/version.type.js';
import type { Context } from '../../graphql/context.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import { type Dimensions, textsOf } from './dimensions.js';
import type { EffectiveLabelsReader, FollowedLine } from './effective.service.js';
import type { Declaration, Dimension, LabelClocks } from './label.js';
import * as input from './label.input.js';
import type { LabelReads } from './label-reads.service.js';
import type { LabelService } from './label.service.js';
import * as type from './label.type.js';

@Resolver()
export class LabelResolver {
  constructor(
    private readonly labels: LabelService,
    private readonly dimensions: Dimensions,
  ) {}

  @Query(() => [type.LabelDimensionType], { description: 'The dimensions in which things are labelled here.' })
  labelDimensions(): readonly Dimension[] {
    return this.dimensions.all;
  }

  @Mutation(() => type.LabelDeclarationPayload, {
    description: 'Declares a label of an asset, of a version or of a field; needs EDIT on the asset.',
  })
  async declareLabel(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.DeclareLabelInput, { description: 'The label.' }) given: input.DeclareLabelInput,
  ): Promise<type.LabelDeclarationPayload> {
    return { labelDeclaration: await this.labels.declare(actor, given) };
  }

  @Mutation(() => type.LabelDeclarationPayload, {
    description:
      'Ends a label, or takes it back as one that never held; needs EDIT on the asset. What was declared stays to be read as of before.',
  })
  async withdrawLabel(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.WithdrawLabelInput, { description: 'The label, and since when it does not hold.' })
    given: input.WithdrawLabelInput,
  ): Promise<type.LabelDeclarationPayload> {
    return { labelDeclaration: await this.labels.withdraw(actor, given) };
  }
}

/** Labels that were asked for, of one thing. */
interface LabelsAsked extends LabelClocks {
  id: string;
  of: 'version' | 'asset' | 'field';
  /** Of a field. */
  name?: string;
}

const asked = (
  of: LabelsAsked['of'],
  { id, shownAt }: { id: string; shownAt?: Date },
  { validAt, knownAt }: type.LabelsArgs,
): LabelsAsked => ({ id, of, validAt: validAt ?? shownAt ?? null, knownAt: knownAt ?? shownAt ?? null });

const DESCRIPTION =
  'Its labels: those declared, and those that follow along the lineage, with the labels of what you may not see.';

function assetLabelsResolver(assetType: typeof Dataset | typeof Model | typeof Transformation | typeof Deployment) {
  @Resolver(() => assetType)
  class AssetLabelsResolver {
    @FieldResolver(() => type.LabelsType, {
      description: `${DESCRIPTION} Of all its versions together; of a deployment, of what it serves; without these, of what feeds it.`,
    })
    labels(@Root() asset: Asset, @Args(() => type.LabelsArgs) args: type.LabelsArgs): LabelsAsked {
      return asked('asset', asset, args);
    }
  }
  return AssetLabelsResolver;
}

function versionLabelsResolver(versionType: typeof DatasetVersion | typeof ModelVersion) {
  @Resolver(() => versionType)
  class VersionLabelsResolver {
    @FieldResolver(() => type.LabelsType, { description: DESCRIPTION })
    labels(@Root() version: Version, @Args(() => type.LabelsArgs) args: type.LabelsArgs): LabelsAsked {
      return asked('version', version, args);
    }
  }
  return VersionLabelsResolver;
}

/** One walk up the line for all fields of a data set, and an answer for each. */
const FIELD_LABELS_COST = 10;

@Resolver(() => FieldType)
export class FieldLabelsResolver {
  @FieldResolver(() => type.LabelsType, {
    complexity: FIELD_LABELS_COST,
    description: `${DESCRIPTION} Of the field in all versions of its data set together: what is declared of other fields counts only where columns do not tell.`,
  })
  labels(@Root() { id, name }: AssetField, @Args(() => type.LabelsArgs) args: type.LabelsArgs): LabelsAsked {
    return { ...asked('field', { id }, args), name };
  }
}

export const DatasetLabelsResolver = assetLabelsResolver(Dataset);
export const ModelLabelsResolver = assetLabelsResolver(Model);
export const TransformationLabelsResolver = assetLabelsResolver(Transformation);
export const DeploymentLabelsResolver = assetLabelsResolver(Deployment);
export const DatasetVersionLabelsResolver = versionLabelsResolver(DatasetVersion);
export const ModelVersionLabelsResolver = versionLabelsResolver(ModelVersion);

@Resolver(() => type.LabelsType)
export class LabelsFieldsResolver {
  constructor(
    private readonly reads: LabelReads,
    private readonly effective: EffectiveLabelsReader,
    private readonly dimensions: Dimensions,
  ) {}

  @FieldResolver(() => [type.LabelDeclarationType], {
    description: 'Declarations that hold of it; of a version also those of its asset.',
  })
  async declared(
    @Root() { id, name, validAt, knownAt }: LabelsAsked,
    @Ctx() { actor, loaders }: Context,
  ): Promise<Declaration[]> {
    const clocks = { validAt, knownAt };
    const of = (target: string): Promise<Declaration[]> =>
      loaders.get('labels.declared', target, (ids) => this.reads.declaredOf(actor, ids, clocks), clocks);
    if (name === undefined) return of(id);
    const table = await loaders.find('labels.table', id, (ids) => this.effective.tablesOf(actor, ids));
    return table === undefined ? [] : (await of(table)).filter(({ field }) => field === name);
  }

  @FieldResolver(() => [type.EffectiveLabelType], {
    name: 'effective',
    description: 'The labels that follow, in each dimension that there is.',
  })
  async listEffective(
    @Root() { id, of, validAt, knownAt }: LabelsAsked,
    @Ctx() { actor, loaders }: Context,
    @Arg('dimension', () => String, { nullable: true, description: 'One dimension, by its name; all, when not given.' })
    dimension?: string | null,
  ): Promise<unknown[]> {
    const wanted = dimension == null ? null : this.dimensions.named(dimension).name;
    const clocks = { validAt, knownAt };
    const batch = (ids: readonly string[]) => this.effective.follow(actor, of, ids, clocks);
    const name = `labels.${of}`;
    const line: FollowedLine | undefined = await (of === 'field'
      ? loaders.find(name, id, batch, clocks)
      : loaders.get(name, id, batch, clocks));
    return [...(line?.byDimension ?? [])]
      .filter(([each]) => wanted === null || each === wanted)
      .map(([each, { arrivals, value, ...label }]) => {
        const seen = arrivals.filter(({ said }) => said.isVisible);
        return {
          ...label,
          ...{ dimension: each, values: value === null ? null : textsOf(value) },
          hiddenOrigins: arrivals.length - seen.length,
          origins: seen.map((arrival) => ({ ...arrival, of: id, line })),
        };
      });
  }
}

@Resolver(() => type.EffectiveLabelType)
export class EffectiveLabelResolver {
  @FieldResolver(() => [type.LabelOriginType], {
    description: 'The fewest declarations from which the value follows, those you may see.',
  })
  origins(@Root() { origins }: { origins: type.PlacedArrival[] }): type.PlacedArrival[] {
    return origins;
  }
}

@Resolver(() => type.LabelOriginType)
export class LabelOriginResolver {
  constructor(private readonly effective: EffectiveLabelsReader) {}

  @FieldResolver(() => type.LabelDeclarationType, { description: 'The declaration.' })
  declaration(@Root() { said }: type.PlacedArrival): Declaration {
    return said;
  }

  @FieldResolver(() => [String], { description: 'Its value as it arrives, after the grants on the way.' })
  values(@Root() { value }: type.PlacedArrival): string[] {
    return textsOf(value);
  }

  @FieldResolver(() => type.LabelWitnessType, { description: 'One shortest way from there.' })
  async witness(
    @Root() { of, line, ...arrival }: type.PlacedArrival,
    @Ctx() { actor }: Context,
  ): Promise<type.LabelWitnessType> {
    const { steps, grantIds } = await this.effective.witness(actor, of, line, arrival);
    return {
      steps: steps.map(({ step, field }) => ({
        ...{ field, hidden: step === null, id: step?.id ?? null, kind: step?.kind ?? null },
        ...{ urn: step?.urn ?? null, version: step?.version ?? null },
      })),
      grants: grantIds,
    };
  }
}

@Resolver(() => type.LabelDeclarationType)
export class LabelDeclarationResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => [String], { description: 'The value: one text, or codes.' })
  values(@Root() { value }: Declaration): string[] {
    return textsOf(value);
  }

  @FieldResolver(() => PrincipalType, { nullable: true, description: 'The principal who declared it.' })
  async declaredBy(
    @Root() { declaredById }: Declaration,
    @Ctx() { actor, loaders }: Context,
  ): Promise<Principal | null> {
    return (await loaders.find('principal', declaredById, (ids) => this.principals.byIds(actor, ids))) ?? null;
  }
}
