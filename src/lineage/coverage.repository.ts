import { type Actor, viewerOf } from '../auth/actor.js';
import type { Clocks } from '../catalog/clocks.js';
import type { Graph } from '../neo4j/graph.js';
import { COVERAGE } from './coverage.cypher.js';
import type { Coverage, CoverageQuestion } from './coverage.js';

/** Sources listed at most: those that were silent for longest. */
const SOURCES_SHOWN = 200;
const DAY_MS = 86_400_000;

export class CoverageRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  async measure(actor: Actor, question: CoverageQuestion, clocks: Clocks): Promise<Coverage> {
    const { namespaces, since, staleAfterDays } = question;
    const rows = await this.graph.read(actor.origin, COVERAGE(namespaces === null ? 'all' : 'some'), {
      ...clocks,
      ...{ namespaces, since, sourcesShown: SOURCES_SHOWN, viewer: viewerOf(actor), now: this.now() },
    });
    const row = rows[0];
    if (!row) throw new Error('The statement about coverage gave no answer.');
    const staleBefore = clocks.asOf.getTime() - staleAfterDays * DAY_MS;
    return {
      runs: row.int('runs'),
      runsWithInputs: row.int('withInputs'),
      runsWithOutputs: row.int('withOutputs'),
      runsWithBoth: row.int('withBoth'),
      observedOnly: row.int('observedOnly'),
      declaredOnly: row.int('declaredOnly'),
      observedAndDeclared: row.int('observedAndDeclared'),
      hiddenFlows: row.int('hiddenFlows'),
      sourceCount: row.int('sourceCount'),
      sources: row.rows('sources').map((each) => {
        const [lastRecordedAt, liveClaims] = [each.time('last'), each.int('claims')];
        const stale = liveClaims > 0 && lastRecordedAt.getTime() < staleBefore;
        return { source: each.text('source'), lastRecordedAt, liveClaims, stale };
      }),
    };
  }
}
