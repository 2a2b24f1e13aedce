import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { type Connection, connectionOfEdges } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { type Page, pageOf, writeCursor } from '../../graphql/page.js';
import type { Run } from '../../lineage/runs/run.js';
import type { RunService } from '../../lineage/runs/run.service.js';
import { RunType } from '../../lineage/runs/run.type.js';
import type { EventTag, ProcessingEngine } from './telling-facets.js';
import type { NominalTime, RunError } from '../event/run-facets.js';
import { facetShown, type ShownFacet } from './reported.js';
import { engineOfRun, facetsOfRun, failureOfRun, nominalTimeOfRun, rootKeyOf, tagsOfRun } from './reported-run.js';
import type { ReportedService } from './reported.service.js';
import * as type from './reported.type.js';

/** What events told of a run; nothing of one that none told of. */
@Resolver(() => RunType)
export class ReportedOfRunsResolver {
  constructor(
    private readonly service: ReportedService,
    private readonly runs: RunService,
  ) {}

  @FieldResolver(() => type.NominalTimeType, {
    nullable: true,
    description: 'The time it was scheduled for; null when no event said.',
  })
  nominalTime(@Root() run: Run): NominalTime | null {
    return nominalTimeOfRun(run);
  }

  @FieldResolver(() => type.ProcessingEngineType, {
    nullable: true,
    description: 'The engine that ran it; null when no event said.',
  })
  processingEngine(@Root() run: Run): ProcessingEngine | null {
    return engineOfRun(run);
  }

  @FieldResolver(() => [type.RunTagType], { description: 'Its tags by its producer, the first 200.' })
  tags(@Root() run: Run): Omit<EventTag, 'field'>[] {
    return tagsOfRun(run);
  }

  @FieldResolver(() => type.RunFailureType, {
    nullable: true,
    description:
      'Its failure, as its producer tells it; null when no event did, and for who may not EDIT the transformation: `error` says so.',
  })
  async failure(@Root() run: Run, @Ctx() { actor, loaders }: Context): Promise<RunError | null> {
    const failure = failureOfRun(run);
    return failure && (await this.service.mayRead(actor, run.transformationId, loaders)) ? failure : null;
  }

  @FieldResolver(() => RunType, {
    nullable: true,
    description: 'The run that all began with; null when no event said, or none that you may see.',
  })
  async root(@Root() run: Run, @Ctx() { actor, loaders }: Context): Promise<Run | null> {
    const key = rootKeyOf(run);
    if (key === null) return null;
    const id = await loaders.find('run.called', key, (keys) => this.service.runsCalled(actor, keys));
    return id === undefined ? null : ((await loaders.find('run', id, (ids) => this.runs.byIds(actor, ids))) ?? null);
  }

  @FieldResolver(() => type.ReportedFacetConnection, {
    description: 'The facets that its producer sent of it, by name, each as it was said last.',
  })
  async reportedFacets(
    @Root() run: Run,
    @Ctx() { actor, loaders }: Context,
    @Args(() => type.ReportedFacetsArgs) args: type.ReportedFacetsArgs,
  ): Promise<Connection<ShownFacet>> {
    const page = pageOf('reportedFacets', args);
    const source = await loaders.find('run.reportedBy', run.id, (ids) => this.service.sourcesOfRuns(actor, ids));
    const all = source ? facetsOfRun(run, source, args.name ?? null) : [];
    const mayRead = all.length > 0 && (await this.service.mayRead(actor, run.transformationId, loaders));
    const { rows, more } = windowOf(all, page);
    const edges = rows.map((facet) => ({
      cursor: writeCursor('reportedFacets', facet.name),
      node: facetShown(facet, mayRead),
    }));
    return connectionOfEdges(edges, page, more, () => Promise.resolve(all.length));
  }
}

function windowOf<T extends { name: string }>(all: readonly T[], { after, before, size, backward }: Page) {
  const within = all.filter(({ name }) => (after === null || name > after) && (before === null || name < before));
  const rows = backward ? within.slice(-size) : within.slice(0, size);
  return { rows, more: within.length > size };
}
