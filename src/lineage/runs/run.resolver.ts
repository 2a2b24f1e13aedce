import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { AccessService } from '../../access/grants/access.service.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { Transformation } from '../../catalog/assets/asset.type.js';
import type { Version } from '../../catalog/versions/version.js';
import { DatasetVersion, ModelVersion, VersionUnion } from '../../catalog/versions/version.type.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Direction } from '../trace/lineage.js';
import { DirectionEnum } from '../trace/lineage.type.js';
import type { Provenance, ProvenanceService } from './provenance.service.js';
import { CheckedInput } from './input-check.type.js';
import { openFacets } from './open-facets.js';
import { COMMAND_FACET, type Run, type RunState } from './run.js';
import { FinishRunInput, StartRunInput } from './run.input.js';
import type { VersionSide } from './run.repository.js';
import type { RunService } from './run.service.js';
import { HiddenVersions, ProvenanceType, RunConnection, RunPayload, RunStateEnum, RunType } from './run.type.js';

@ArgsType()
class ProvenanceArgs {
  @Field(() => Int, {
    defaultValue: 20,
    description: 'The number of hops to follow, 1 to 10,000; a version and a run are a hop each.',
  })
  depth!: number;
  @Field(() => DirectionEnum, {
    defaultValue: 'UPSTREAM',
    description: 'The direction in which the flow of data is followed.',
  })
  direction!: Direction;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The valid time of the answer: what runs had read and made by then; now, when not given.',
  })
  asOf?: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The transaction time of the answer: what had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
}

@Resolver()
export class RunResolver {
  constructor(private readonly runs: RunService) {}

  @Mutation(() => RunPayload, {
    description: 'Records that a run began and which exact versions it reads; needs EDIT on the transformation.',
  })
  async startRun(
    @Ctx() { actor }: Context,
    @Arg('input', () => StartRunInput, { description: 'The transformation that starts to run, and what it reads.' })
    input: StartRunInput,
  ): Promise<RunPayload> {
    return { run: await this.runs.start(actor, input) };
  }

  @Mutation(() => RunPayload, {
    description: 'Records how a run ended and which exact versions it made; needs EDIT on these too.',
  })
  async finishRun(
    @Ctx() { actor }: Context,
    @Arg('input', () => FinishRunInput, { description: 'The run that ends, and how it ended.' }) input: FinishRunInput,
  ): Promise<RunPayload> {
    return { run: await this.runs.finish(actor, input) };
  }
}

/** As the job of the run withholds its texts. */
const WITHHELD_ERROR =
  'Withheld: what went wrong with a run that was launched, or that events told of, is for who may EDIT its transformation.';

@Resolver(() => RunType)
export class RunFieldsResolver {
  constructor(
    private readonly runs: RunService,
    private readonly assets: AssetService,
    private readonly access: AccessService,
  ) {}

  /** A command line can hold what was meant for the program alone, and what producers say, whatever they like. */
  @FieldResolver()
  async facets(@Root() run: Run, @Ctx() { actor, loaders }: Context): Promise<Record<string, unknown>> {
    if (await this.isTold(run, { actor, loaders })) return run.facets;
    const { [COMMAND_FACET]: _command, ...open } = run.facets;
    return run.externalId === null ? open : openFacets(open);
  }

  /** The error of a launched run quotes its command, and what its program wrote last; that of a producer its code. */
  @FieldResolver()
  async error(@Root() run: Run, @Ctx() context: Context): Promise<string | null> {
    return run.error === null || (await this.isTold(run, context)) ? run.error : WITHHELD_ERROR;
  }

  /** Whether the caller may know what a program was told, and said, that was launched or that a producer told of. */
  private async isTold(run: Run, { actor, loaders }: Pick<Context, 'actor' | 'loaders'>): Promise<boolean> {
    const tellsAll = run.externalId === null && !Object.hasOwn(run.facets, COMMAND_FACET);
    if (tellsAll || actor.role === 'AUDITOR') return true;
    const batch = (ids: readonly string[]) => this.access.viewerCan(actor, ids);
    return (await loaders.get('asset.viewerCan', run.transformationId, batch)).includes('EDIT');
  }

  @FieldResolver(() => Transformation, { description: 'The transformation that ran.' })
  transformation(@Root() run: Run, @Ctx() { actor, loaders }: Context): Promise<Asset> {
    const { transformationId, shownAt } = run;
    const batch = (ids: readonly string[]) => this.assets.byIds(actor, ids, shownAt);
    return loaders.get('asset', transformationId, batch, shownAt && { shownAt });
  }

  @FieldResolver(() => [VersionUnion], { description: 'The exact versions it read, those you may see.' })
  async inputs(@Root() run: Run, @Ctx() context: Context): Promise<Version[]> {
    return (await this.inputSide(run, context)).versions;
  }

  @FieldResolver(() => [CheckedInput], {
    description: 'The same as `inputs`, each with whether it was what was published when the run read it.',
  })
  async inputChecks(@Root() run: Run, @Ctx() context: Context): Promise<CheckedInput[]> {
    const { versions, checks } = await this.inputSide(run, context);
    return versions.flatMap((version, index) => (checks[index] ? [{ version, check: checks[index] }] : []));
  }

  @FieldResolver(() => [VersionUnion], { description: 'The exact versions it made, those you may see.' })
  async outputs(@Root() run: Run, @Ctx() context: Context): Promise<Version[]> {
    return (await this.outputSide(run, context)).versions;
  }

  @FieldResolver(() => HiddenVersions, { description: 'The number of its versions that you may not see.' })
  async hidden(@Root() run: Run, @Ctx() context: Context): Promise<HiddenVersions> {
    const [inputs, outputs] = await Promise.all([this.inputSide(run, context), this.outputSide(run, context)]);
    return { inputs: inputs.hidden, outputs: outputs.hidden };
  }

  @FieldResolver(() => RunType, {
    nullable: true,
    description: 'The run it is part of; null when none that you may see.',
  })
  async parent(@Root() run: Run, @Ctx() { actor, loaders }: Context): Promise<Run | null> {
    if (run.parentId === null) return null;
    return (await loaders.find('run', run.parentId, (ids) => this.runs.byIds(actor, ids))) ?? null;
  }

  @FieldResolver()
  durationSeconds(@Root() run: Run): number | null {
    return run.startedAt && run.endedAt ? (run.endedAt.getTime() - run.startedAt.getTime()) / 1000 : null;
  }

  private inputSide(run: Run, { actor, loaders }: Context): Promise<VersionSide> {
    return loaders.get('run.inputs', run.id, (ids) => this.runs.inputsOf(actor, ids));
  }

  private outputSide(run: Run, { actor, loaders }: Context): Promise<VersionSide> {
    return loaders.get('run.outputs', run.id, (ids) => this.runs.outputsOf(actor, ids));
  }
}

@Resolver(() => Transformation)
export class TransformationRunsResolver {
  constructor(private readonly runs: RunService) {}

  @FieldResolver(() => RunConnection, { name: 'runs', description: 'Its runs, the newest first.' })
  async listRuns(
    @Root() transformation: Asset,
    @Ctx() { actor, loaders }: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('state', () => [RunStateEnum], { nullable: true, description: 'The states to list; any, when not given.' })
    state?: RunState[] | null,
    @Arg('overdue', () => Boolean, {
      nullable: true,
      description: 'Those that are overdue, or those that are not; both, when not given.',
    })
    overdue?: boolean | null,
  ): Promise<Connection<Run>> {
    const page = pageOf('runs', args);
    const wanted = { states: state ?? null, overdue: overdue ?? null };
    const batch = (ids: readonly string[]) => this.runs.of(actor, ids, wanted, page);
    const count = () =>
      loaders.get('transformation.runCount', transformation.id, (ids) => this.runs.countOf(actor, ids, wanted), wanted);
    return toConnection(
      'runs',
      page,
      await loaders.get('transformation.runs', transformation.id, batch, { page, ...wanted }),
      count,
    );
  }
}

/** What both kinds of version have of runs. */
function versionLineageResolver(versionType: typeof DatasetVersion | typeof ModelVersion) {
  @Resolver(() => versionType)
  class VersionLineageResolver {
    constructor(
      private readonly runs: RunService,
      private readonly provenances: ProvenanceService,
    ) {}

    @FieldResolver(() => RunType, {
      nullable: true,
      description: 'The run that made it; null when it was not made here, or you may not see it.',
    })
    async generatedBy(@Root() version: Version, @Ctx() { actor, loaders }: Context): Promise<Run | null> {
      return (
        (await loaders.find('version.generatedBy', version.id, (ids) => this.runs.generatedBy(actor, ids))) ?? null
      );
    }

    @FieldResolver(() => RunConnection, { description: 'The runs that read it, the newest first, those you may see.' })
    async usedBy(
      @Root() version: Version,
      @Ctx() { actor, loaders }: Context,
      @Args(() => PageArgs) args: PageArgs,
    ): Promise<Connection<Run>> {
      const page = pageOf('usedBy', args);
      const rows = await loaders.get('version.usedBy', version.id, (ids) => this.runs.using(actor, ids, page), page);
      const count = () => loaders.get('version.usedByCount', version.id, (ids) => this.runs.countUsing(actor, ids));
      return toConnection('usedBy', page, rows, count);
    }

    @FieldResolver(() => ProvenanceType, {
      complexity: 100,
      description: 'The provenance: the versions and runs that it was made from, or that were made with it.',
    })
    provenance(
      @Root() version: Version,
      @Ctx() { actor, loaders }: Context,
      @Args(() => ProvenanceArgs) { depth, direction, asOf, knownAt }: ProvenanceArgs,
    ): Promise<Provenance> {
      const question = { depth, direction, asOf, knownAt };
      return loaders.get(
        'version.provenance',
        version.id,
        (ids) => this.provenances.of(actor, ids, question),
        question,
      );
    }
  }
  return VersionLineageResolver;
}

export const DatasetVersionLineageResolver = versionLineageResolver(DatasetVersion);
export const ModelVersionLineageResolver = versionLineageResolver(ModelVersion);
