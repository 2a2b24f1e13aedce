import { checkPageSize } from '../../graphql/page.js';
import { randomBytes } from 'node:crypto';
import type { Actor } from '../../auth/actor.js';
import { assetNotFound } from '../../catalog/assets/asset.service.js';
import { effectiveCatalogTime, type Clocks, clocksOf } from '../../catalog/model/as-of.js';
import { badInput, limitExceeded } from '../../errors.js';
import type { SealedCursors } from '../../graphql/sealed-cursor.js';
import { MAX_LINEAGE_DEPTH } from '../../lineage/trace/lineage.js';
import {
  DETOUR,
  type Distance,
  type LineagePath,
  MAX_PATHS,
  MAX_WAY_ASSETS,
  MAX_WAY_FLOWS,
  type PathQuestion,
  type ShownWays,
} from './paths.js';
import { flowsOf, type LineagePathsRepository } from './paths.repository.js';
import { shortestOnly, kShortestPaths } from './shortest-paths.js';

/** How data comes from one asset to another. */
export class LineagePathsService {
  constructor(
    private readonly paths: LineagePathsRepository,
    private readonly cursors: SealedCursors,
    private readonly now: () => Date,
  ) {}

  /**
   * The `first` shortest ways, shortest first; none when nothing flows from the one to the other. Throws NOT_FOUND for an end
   * that is not there, BAD_USER_INPUT, and LIMIT_EXCEEDED when more ways would have to be compared than is possible.
   */
  async between(actor: Actor, ends: { from: string; to: string }, question: PathQuestion): Promise<LineagePath[]> {
    const { first, knownAt } = question;
    checkPageSize(first, MAX_PATHS);
    const now = this.now();
    const [clocks, then] = [clocksOf(actor, question, now), effectiveCatalogTime(actor, question, now)];
    const distance = await this.paths.distance(actor, ends, clocks, knownAt && clocks.knownAt);
    if (distance.fromId === null) throw assetNotFound(ends.from);
    if (distance.toId === null) throw assetNotFound(ends.to);
    if (distance.fromId === distance.toId)
      throw badInput('`from` and `to` are the same asset. What it feeds itself through is in its `lineage`.');
    if (distance.hops === null) return [];
    const ways = await this.shortest(actor, distance, distance.hops, clocks, first);
    return this.present(ways, await this.paths.shown(actor, ways, clocks, then, question.wants));
  }

  /**
   * Most often the shortest ways are enough, of which few assets have to be read; then those with short detours; then all. The
   * statements all look at the same two times, so what is written meanwhile changes nothing.
   */
  private async shortest(actor: Actor, distance: Distance, hops: number, clocks: Clocks, first: number) {
    let found = await this.within(actor, distance, clocks, { within: hops, fan: first, first });
    if (found === null) throw tooMany(0);
    for (const within of [hops + DETOUR, MAX_LINEAGE_DEPTH]) {
      if (found.length === first || within > MAX_LINEAGE_DEPTH) break;
      const longer: string[][] | null = await this.within(actor, distance, clocks, {
        within,
        fan: MAX_WAY_FLOWS + 1,
        first,
      });
      if (longer === null) throw tooMany(found.length);
      found = longer;
    }
    return found;
  }

  private async within(
    actor: Actor,
    distance: Distance,
    clocks: Clocks,
    { within, fan, first }: { within: number; fan: number; first: number },
  ): Promise<string[][] | null> {
    const stops = await this.paths.ways(actor, distance, clocks, { within, fan });
    if (stops === null) return null;
    const place = (id: string | null): number => stops.findIndex((stop) => stop.id === id);
    const graph = {
      from: place(distance.fromId),
      to: place(distance.toId),
      next: stops.map(({ targets }) => targets.toSorted((one, other) => one - other)),
    };
    const ways = fan === first ? shortestOnly(graph, first) : kShortestPaths(graph, first, within);
    return ways.map((way) => way.map((at) => stops[at]?.id ?? ''));
  }

  private present(ways: readonly (readonly string[])[], { nodes, claims }: ShownWays): LineagePath[] {
    const nonce = randomBytes(12).toString('base64url');
    const keyOf = (id: string): string => (nodes.get(id)?.asset ? id : this.cursors.opaqueKey(nonce, id));
    return ways.map((way) => ({
      nodes: way.map((id, depth) => {
        const { asset = null, moreUpstream = 0, moreDownstream = 0 } = nodes.get(id) ?? {};
        return { key: keyOf(id), depth, asset, hidden: asset === null, moreUpstream, moreDownstream };
      }),
      // Whoever may not see an end learns only that data flows: then the statement gives no claims.
      edges: flowsOf(way).map(([source, target]) => ({
        source: keyOf(source),
        target: keyOf(target),
        claims: claims.get(`${source} ${target}`) ?? [],
      })),
    }));
  }
}

function tooMany(found: number): Error {
  const limits = `more than ${MAX_WAY_ASSETS} assets or ${MAX_WAY_FLOWS} flows`;
  return limitExceeded(
    found === 0
      ? `The shortest ways lead over ${limits}, more than can be compared. Ask for the ways to something in between.`
      : `There are ${found} of the shortest ways; longer ones lead over ${limits}, more than can be compared. Ask for \`first: ${found}\`, or for the ways to something in between.`,
  );
}
