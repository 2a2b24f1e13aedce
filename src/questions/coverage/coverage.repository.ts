import { type Actor, viewerOf } from '../../auth/actor.js';
import { clocksOf } from '../../catalog/model/as-of.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import { COVERAGE, COVERAGE_SOURCES } from './coverage.cypher.js';
import type { ClaimSource, Coverage, CoverageScope, CoverageWants } from './coverage.js';

const DAY_MS = 86_400_000;

export class CoverageRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  async measure(actor: Actor, scope: CoverageScope, wants: CoverageWants): Promise<Coverage> {
    const cypher = COVERAGE(scope.namespaces === null ? 'all' : 'some');
    const row = await this.ask(actor, cypher, scope, { wants, since: scope.since });
    return {
      runs: row.int('runs'),
      runsWithInputs: row.int('withInputs'),
      runsWithOutputs: row.int('withOutputs'),
      runsWithBoth: row.int('withBoth'),
      observedOnly: row.int('observedOnly'),
      declaredOnly: row.int('declaredOnly'),
      observedAndDeclared: row.int('observedAndDeclared'),
      hiddenFlows: row.int('hiddenFlows'),
    };
  }

  /** Up to `first` sources after the given one, the longest silent first. */
  async sources(
    actor: Actor,
    scope: CoverageScope,
    page: { staleOnly: boolean; first: number; after: { last: Date; source: string } | null },
  ): Promise<{ sources: ClaimSource[]; total: number; hasNext: boolean }> {
    const row = await this.ask(actor, COVERAGE_SOURCES(scope.namespaces === null ? 'all' : 'some'), scope, page);
    return {
      sources: row.rows('sources').map((each) => ({
        source: each.text('source'),
        lastStatedAt: each.time('last'),
        liveClaims: each.int('claims'),
        stale: each.flag('stale'),
      })),
      total: row.int('total'),
      hasNext: row.flag('hasNext'),
    };
  }

  private async ask(actor: Actor, cypher: string, scope: CoverageScope, more: Parameters): Promise<Row> {
    const now = this.now();
    const clocks = clocksOf(actor, {}, now);
    const rows = await this.graph.read(actor.origin, cypher, {
      ...more,
      ...clocks,
      namespaces: scope.namespaces && [...new Set(scope.namespaces)],
      staleBefore: new Date(clocks.asOf.getTime() - scope.staleAfterDays * DAY_MS),
      viewer: viewerOf(actor),
      now,
    });
    const row = rows[0];
    if (!row) throw new Error('The statement about coverage gave no answer.');
    return row;
  }
}
