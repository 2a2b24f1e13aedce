import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { Dataset } from '../../catalog/assets/asset.type.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { Version } from '../../catalog/versions/version.js';
import { DatasetVersion } from '../../catalog/versions/version.type.js';
import { type Connection, connectionOfEdges, PageArgs } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf, writeCursor } from '../../graphql/page.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Run } from '../../lineage/runs/run.js';
import type { RunService } from '../../lineage/runs/run.service.js';
import { RunType } from '../../lineage/runs/run.type.js';
import type { DatasetChange } from './changes.js';
import type { ChangesService } from './changes.service.js';
import { DatasetChangeConnection, DatasetChangeType } from './changes.type.js';

@Resolver(() => Dataset)
export class ChangesOfDatasetsResolver {
  constructor(
    private readonly service: ChangesService,
    private readonly assets: AssetService,
  ) {}

  @FieldResolver(() => DatasetChangeConnection, {
    description: 'The changes in its life that producers told of, the newest first by the time of their events.',
  })
  async changes(
    @Root() { id }: Asset,
    @Ctx() { actor, loaders }: Context,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<Connection<DatasetChange>> {
    const page = pageOf('changes', args);
    const batch = (ids: readonly string[]) => this.service.of(actor, ids, page);
    const { rows, more } = await loaders.get('dataset.changes', id, batch, { page });
    const edges = rows.map((node) => ({ cursor: writeCursor('changes', node.place), node }));
    const count = () => loaders.get('dataset.changeCount', id, (ids) => this.service.countOf(actor, ids));
    return connectionOfEdges(edges, page, more, count);
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description:
      'The time when a producer dropped it; null when none did, or something was written to it since. It is not retired by that.',
  })
  async droppedAt(@Root() { id }: Asset, @Ctx() { actor, loaders }: Context): Promise<Date | null> {
    return (await loaders.find('dataset.droppedAt', id, (ids) => this.service.dropped(actor, ids))) ?? null;
  }

  @FieldResolver(() => [Dataset], {
    description:
      'The data sets that it became when producers renamed it, the latest first: 20 at most that you may see.',
  })
  async renamedTo(@Root() { id }: Asset, @Ctx() { actor, loaders }: Context): Promise<Asset[]> {
    const renamed = (await loaders.find('dataset.renamedTo', id, (ids) => this.service.renamed(actor, ids))) ?? [];
    const batch = (ids: readonly string[]) => this.assets.byIds(actor, ids);
    const found = await Promise.all(renamed.map((each) => loaders.find('asset', each, batch)));
    return found.filter((each): each is Asset => each !== undefined);
  }
}

@Resolver(() => DatasetVersion)
export class ChangesByVersionsResolver {
  constructor(private readonly service: ChangesService) {}

  @FieldResolver(() => [DatasetChangeType], {
    description: 'The changes to the data set by the run that made it: that all was overwritten, or emptied before.',
  })
  async changes(@Root() { id }: Version, @Ctx() { actor, loaders }: Context): Promise<DatasetChange[]> {
    return (await loaders.find('version.changes', id, (ids) => this.service.byVersions(actor, ids))) ?? [];
  }
}

@Resolver(() => DatasetChangeType)
export class ChangeFieldsResolver {
  constructor(
    private readonly service: ChangesService,
    private readonly assets: AssetService,
    private readonly runs: RunService,
  ) {}

  @FieldResolver(() => RunType, {
    nullable: true,
    description: 'The run that did it; null when none is known, or you may not see it.',
  })
  async run(@Root() { runId }: DatasetChange, @Ctx() { actor, loaders }: Context): Promise<Run | null> {
    if (runId === null) return null;
    return (await loaders.find('run', runId, (ids) => this.runs.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => Dataset, {
    nullable: true,
    description:
      'The data set of the name before a RENAME; null of other changes, and when there is none that you may see.',
  })
  async renamedFrom(
    @Root() { fromKey, assetId }: DatasetChange,
    @Ctx() { actor, loaders }: Context,
  ): Promise<Asset | null> {
    if (fromKey === null) return null;
    const id = await loaders.find('dataset.called', fromKey, (keys) => this.service.called(actor, keys));
    if (id === undefined || id === assetId) return null;
    return (await loaders.find('asset', id, (ids) => this.assets.byIds(actor, ids))) ?? null;
  }
}
