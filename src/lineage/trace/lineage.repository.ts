import { type Actor, viewerOf } from '../../auth/actor.js';
import { refParameters } from '../../catalog/assets/asset.repository.js';
import { effectiveCatalogTime, clocksOf } from '../../catalog/model/as-of.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import type { Claim } from '../statements/claim.js';
import { hopLimit } from './hops.js';
import { COUNTS, FACETS, TOTAL, TRACE } from './lineage.cypher.js';
import { claimAsKnown, decodeCounts, decodeFacet, decodePage, inOrder } from './lineage.decode.js';
import type { LineageQuestion } from './lineage.js';
import type { FacetCount, Place, TraceCounts, TracePage, TraceRow } from './trace-page.js';
import type { TraceShape } from './trace.cypher.js';
import { indexInTurns, mapInTurns } from '../../turn.js';

const NOT_COUNTED: TraceCounts = { total: 0, hidden: 0, cutByDepth: 0 };

/** The roots of each answer, by the key that the answer goes by. */
export type Roots = ReadonlyMap<string, readonly string[]>;

/** Nodes that may have come before a cursor since, before the page has to be asked for again. */
export const PAGE_OVERREAD = 64;

export class LineageRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** Answers the same question about several sets of roots. What is counted is asked side by side with the page. */
  async trace(
    actor: Actor,
    roots: Roots,
    question: LineageQuestion,
    after: Place | null,
  ): Promise<Map<string, TraceRow>> {
    const [pages, counts] = await Promise.all([
      this.pages(actor, roots, question, after),
      this.counts(actor, roots, question),
    ]);
    return new Map([...pages].map(([key, page]) => [key, { ...page, ...(counts.get(key) ?? NOT_COUNTED) }]));
  }

  /**
   * The walk stops where the page is full, so it is told how many nodes to read; in the rare case that so many were stated
   * before the cursor meanwhile that this is too few, it is asked again.
   */
  private async pages(
    actor: Actor,
    roots: Roots,
    question: LineageQuestion,
    after: Place | null,
  ): Promise<Map<string, TracePage>> {
    const { first, wants } = question;
    const statement = TRACE(this.shapeOf(actor, roots, question));
    for (let limit = after ? after.offset + 1 + first + PAGE_OVERREAD : first + 1; ; limit *= 2) {
      const rows = await this.ask(actor, statement, roots, question, { first, wants, limit, after });
      if (rows.some((row) => row.int('taken') === limit && row.int('start') + first >= limit)) continue;
      const { readsAsOf } = actor;
      const known = clocksOf(actor, question, this.now()).knownAt;
      const pageOf = async (row: Row): Promise<TracePage> => asKnown(await decodePage(row, question), known, readsAsOf);
      return await indexInTurns(rows, (row) => row.text('key'), pageOf);
    }
  }

  private async counts(actor: Actor, roots: Roots, question: LineageQuestion): Promise<Map<string, TraceCounts>> {
    const { wants, kinds, ignore } = question;
    if (!wants.total && !wants.completeness) return new Map();
    const countsEach = !wants.completeness && kinds === null && ignore === null;
    const statement = (countsEach ? TOTAL : COUNTS)(this.shapeOf(actor, roots, question));
    const rows = await this.ask(actor, statement, roots, question, {});
    return new Map(rows.map((row) => [row.text('key'), decodeCounts(row)]));
  }

  async facets(actor: Actor, roots: Roots, question: LineageQuestion): Promise<Map<string, FacetCount[]>> {
    const rows = await this.ask(actor, FACETS(this.shapeOf(actor, roots, question)), roots, question, {});
    const bucketsOf = (row: Row): Promise<FacetCount[]> => mapInTurns(row.rows('buckets'), decodeFacet);
    const found = await indexInTurns(rows, (row) => row.text('key'), bucketsOf);
    // Where nothing visible is reached, the statement has nothing to count and gives no row.
    return new Map([...roots.keys()].map((key) => [key, found.get(key) ?? []]));
  }

  private shapeOf(actor: Actor, roots: Roots, question: LineageQuestion): TraceShape {
    const { direction, depth } = question;
    return {
      direction,
      bound: hopLimit(depth),
      several: direction === 'BOTH' || [...roots.values()].some((refs) => refs.length > 1),
      past: effectiveCatalogTime(actor, question, this.now()) !== null,
      until: question.until !== null,
      ignore: question.ignore !== null,
    };
  }

  private ask(
    actor: Actor,
    cypher: string,
    roots: Roots,
    question: LineageQuestion,
    window: Parameters,
  ): Promise<Row[]> {
    const now = this.now();
    const { depth, kinds, ignore, until } = question;
    return this.graph.read(actor.origin, cypher, {
      ...window,
      ...clocksOf(actor, question, now),
      shownAt: effectiveCatalogTime(actor, question, now),
      questions: [...roots].map(([key, refs]) => ({ key, refs: refs.map(refParameters) })),
      depth,
      kinds,
      ignore: ignore && { ...ignore, refs: ignore.refs.map(refParameters) },
      until,
      viewer: viewerOf(actor),
      now,
    });
  }
}

function asKnown(trace: TracePage, knownAt: Date, readsAsOf: Date | undefined): TracePage {
  const shown = (claim: Claim): Claim => claimAsKnown(claim, knownAt, readsAsOf);
  const edges = trace.edges.map((edge) => ({ ...edge, claims: edge.claims.map(shown) }));
  return { ...trace, edges: readsAsOf ? inOrder(edges) : edges };
}
