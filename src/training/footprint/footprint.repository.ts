import { type Actor, viewerOf } from '../../auth/actor.js';
import { refParameters } from '../../catalog/assets/asset.repository.js';
import type { Graph } from '../../neo4j/graph.js';
import { FOOTPRINT_OF, FOOTPRINT_OF_TEAM } from './footprint.cypher.js';
import type { Footprint, FootprintAsked } from './footprint.js';

export class FootprintRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** null: what was asked about is not there for the actor. */
  async of(actor: Actor, { subject, from, to }: FootprintAsked): Promise<Footprint | null> {
    const now = this.now();
    const asOf = actor.readsAsOf ?? now;
    const times = { from, to, asOf, knownAt: asOf, now, viewer: viewerOf(actor) };
    const [statement, named] =
      'team' in subject ? [FOOTPRINT_OF_TEAM, subject] : [FOOTPRINT_OF, refParameters(subject.ref)];
    const row = (await this.graph.read(actor.origin, statement, { ...named, ...times }))[0];
    if (!row || row.int('found') === 0) return null;
    const [runs, measured, estimated] = [row.int('runs'), row.int('measured'), row.int('estimated')];
    const isKnown = runs === 0 || measured + estimated > 0;
    return {
      ...{ runs, measuredRuns: measured, estimatedRuns: estimated, unknownRuns: runs - measured - estimated },
      hiddenRuns: row.int('hidden'),
      gpuSeconds: row.maybeFloat('gpuSeconds') ?? 0,
      cpuSeconds: row.maybeFloat('cpuSeconds') ?? 0,
      energyJoules: isKnown ? (row.maybeFloat('joules') ?? 0) : null,
    };
  }
}
