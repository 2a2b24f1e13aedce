import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { type Connection, connectionOfEdges } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { type PageArguments, pageOf, writeCursor } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { AssetService } from '../assets/asset.service.js';
import { Dataset } from '../assets/asset.type.js';
import { shownThen } from '../model/as-of.js';
import type { Asset } from '../model/asset.js';
import type { Version } from '../versions/version.js';
import type { VersionService } from '../versions/version.service.js';
import { DatasetVersion } from '../versions/version.type.js';
import type { KeptResult, QualityStatus, ResultFilter } from './quality.js';
import { ReportQualityInput } from './quality.input.js';
import type { Subject } from './quality.repository.js';
import type { QualityService } from './quality.service.js';
import * as type from './quality.type.js';

@Resolver()
export class QualityMutations {
  constructor(private readonly quality: QualityService) {}

  @Mutation(() => type.ReportQualityPayload, {
    description: 'Reports what tests of data and measuring it came to; needs EDIT. At most 1,000 results at once.',
  })
  reportQuality(
    @Ctx() { actor }: Context,
    @Arg('input', () => ReportQualityInput, { description: 'The version or data set, and the results.' })
    input: ReportQualityInput,
  ): Promise<type.ReportQualityPayload> {
    return this.quality.report(actor, input);
  }
}

const ANY: ResultFilter = { kind: null, success: null, assertion: null, field: null };

/** A page of what is known of one version, or of a data set; shown as of when that is. */
async function pageOfResults(
  quality: QualityService,
  { actor, loaders }: Context,
  { subject, id, shownAt }: { subject: Subject; id: string; shownAt?: Date | undefined },
  asked: PageArguments & Partial<Record<keyof ResultFilter, unknown>>,
): Promise<Connection<KeptResult>> {
  const { kind, success, assertion, field } = { ...ANY, ...asked } as ResultFilter;
  const filter = { kind: kind ?? null, success: success ?? null, assertion: assertion ?? null, field: field ?? null };
  const list = subject === 'version' ? 'quality' : 'qualityHistory';
  const page = pageOf(list, asked);
  const batch = (ids: readonly string[]) => quality.of(actor, subject, ids, filter, page);
  const { rows, more } = await loaders.get(`${subject}.quality`, id, batch, { ...filter, page });
  const edges = rows.map((row) => ({
    cursor: writeCursor(list, row.key),
    node: shownThen(row, shownAt ?? null),
  }));
  const count = () =>
    loaders.get(`${subject}.qualityCount`, id, (ids) => quality.countOf(actor, subject, ids, filter), filter);
  return connectionOfEdges(edges, page, more, count);
}

@Resolver(() => DatasetVersion)
export class VersionQualityResolver {
  constructor(private readonly service: QualityService) {}

  @FieldResolver(() => type.QualityResultConnection, {
    description: 'The results of tests of it and of measuring it, those that were measured last first.',
  })
  quality(
    @Root() { id, shownAt }: Version,
    @Ctx() context: Context,
    @Args(() => type.QualityArgs) args: type.QualityArgs,
  ): Promise<Connection<KeptResult>> {
    return pageOfResults(this.service, context, { subject: 'version', id, shownAt }, args);
  }

  @FieldResolver(() => type.QualityStatusType, { description: 'The verdict of its tests, and how many there are.' })
  qualityStatus(
    @Root() { id }: Version,
    @Ctx() { actor, loaders }: Context,
    @Args(() => type.QualityStatusArgs) { asOf, knownAt }: type.QualityStatusArgs,
  ): Promise<QualityStatus> {
    const clocks = { asOf: asOf ?? null, knownAt: knownAt ?? null };
    return loaders.get('version.qualityStatus', id, (ids) => this.service.statusOf(actor, ids, clocks), clocks);
  }
}

@Resolver(() => Dataset)
export class DatasetQualityResolver {
  constructor(private readonly service: QualityService) {}

  @FieldResolver(() => type.QualityResultConnection, {
    description:
      'The results of tests and of measuring over all its versions, and of no version that is known; those that were measured last first.',
  })
  qualityHistory(
    @Root() { id }: Asset,
    @Ctx() context: Context,
    @Args(() => type.QualityHistoryArgs) args: type.QualityHistoryArgs,
  ): Promise<Connection<KeptResult>> {
    return pageOfResults(this.service, context, { subject: 'dataset', id }, args);
  }
}

@Resolver(() => type.QualityResultType)
export class QualityResultFieldsResolver {
  constructor(
    private readonly assets: AssetService,
    private readonly versions: VersionService,
    private readonly principals: PrincipalService,
  ) {}

  @FieldResolver(() => Dataset, { description: 'The data set it is about.' })
  dataset(@Root() { datasetId, shownAt }: KeptResult, @Ctx() { actor, loaders }: Context): Promise<Asset> {
    const batch = (ids: readonly string[]) => this.assets.byIds(actor, ids, shownAt);
    return loaders.get('asset', datasetId, batch, shownAt && { shownAt });
  }

  @FieldResolver(() => DatasetVersion, {
    nullable: true,
    description: 'The version it is about; null when that is not known.',
  })
  async version(
    @Root() { versionId, shownAt }: KeptResult,
    @Ctx() { actor, loaders }: Context,
  ): Promise<Version | null> {
    if (versionId === null) return null;
    const version = await loaders.find('version', versionId, (ids) => this.versions.byIds(actor, ids));
    return version ? shownThen(version, shownAt ?? null) : null;
  }

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The principal who reported it first; null when Weftline itself did.',
  })
  async reportedBy(
    @Root() { reportedById }: KeptResult,
    @Ctx() { actor, loaders }: Context,
  ): Promise<Principal | null> {
    return (await loaders.find('principal', reportedById, (ids) => this.principals.byIds(actor, ids))) ?? null;
  }
}
