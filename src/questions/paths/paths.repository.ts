import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { refParameters } from '../../catalog/assets/asset.repository.js';
import { type Clocks } from '../../catalog/model/as-of.js';
import type { Row } from '../../neo4j/row.js';
import type { Claim } from '../../lineage/statements/claim.js';
import { decodeClaim } from '../../lineage/statements/claim.repository.js';
import { hopLimit } from '../../lineage/trace/hops.js';
import { claimAsKnown, decodeShown } from '../../lineage/trace/lineage.decode.js';
import { DISTANCE, SHOWN_WAYS, WAYS } from './paths.cypher.js';
import { type Distance, MAX_WAY_ASSETS, MAX_WAY_FLOWS, type PathWants, type ShownWays, type WayStop } from './paths.js';
import { indexInTurns, mapInTurns } from '../../turn.js';

export class LineagePathsRepository extends ActorReads {
  /** Ids are null for an end that the viewer may not see, or that was not `registeredBy` then. */
  async distance(
    actor: Actor,
    ends: { from: string; to: string },
    clocks: Clocks,
    registeredBy: Date | null,
  ): Promise<Distance> {
    const [from, to] = [refParameters(ends.from), refParameters(ends.to)];
    const row = (await this.read(actor, DISTANCE, { ...clocks, from, to, registeredBy }))[0];
    return {
      fromId: row?.maybeText('fromId') ?? null,
      toId: row?.maybeText('toId') ?? null,
      hops: row?.maybeInt('hops') ?? null,
    };
  }

  /**
   * The assets on ways of up to `within` hops, in the order in which ways are compared; of the flows from each no more than
   * `fan`, the first of them. null: there are more than can be looked at.
   */
  async ways(
    actor: Actor,
    { fromId, toId }: Distance,
    clocks: Clocks,
    { within, fan }: { within: number; fan: number },
  ): Promise<WayStop[] | null> {
    const rows = await this.read(actor, WAYS(hopLimit(within)), {
      ...clocks,
      ...{ fromId, toId, within, fan },
      ...{ mostAssets: MAX_WAY_ASSETS, mostFlows: MAX_WAY_FLOWS },
    });
    if (rows.length === 0) return null;
    return mapInTurns(rows, (row) => ({ id: row.text('id'), targets: row.ints('targets') }));
  }

  /** What is shown of ways, given by ids. `then`: assets as they were; null: as they are. */
  async shown(
    actor: Actor,
    ways: readonly (readonly string[])[],
    clocks: Clocks,
    then: Date | null,
    wants: PathWants,
  ): Promise<ShownWays> {
    const flows = new Map(ways.flatMap(flowsOf).map((flow) => [flow.join(' '), flow]));
    const row = (
      await this.read(actor, SHOWN_WAYS(then !== null), {
        ...clocks,
        ...{ ids: [...new Set(ways.flat())], flows: [...flows.values()], shownAt: then, wants },
      })
    )[0];
    const claimsOf = (edge: Row): Promise<Claim[]> =>
      mapInTurns(edge.rows('claims'), (claim) => claimAsKnown(decodeClaim(claim), clocks.knownAt, actor.readsAsOf));
    return {
      nodes: await indexInTurns(row?.rows('nodes') ?? [], (node) => node.text('id'), decodeNode),
      claims: await indexInTurns(row?.rows('edges') ?? [], (edge) => flowOf(edge), claimsOf),
    };
  }
}

const flowOf = (edge: Row): string => `${edge.text('source')} ${edge.text('target')}`;

/** The flows of a way: each asset with the next. */
export const flowsOf = (way: readonly string[]): [string, string][] =>
  way.slice(1).map((target, index) => [way[index] ?? '', target]);

function decodeNode(row: Row) {
  const asset = row.maybeRow('asset');
  return {
    asset: asset && decodeShown(asset),
    moreUpstream: row.int('moreUpstream'),
    moreDownstream: row.int('moreDownstream'),
  };
}
