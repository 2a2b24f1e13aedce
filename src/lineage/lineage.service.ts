import { randomBytes } from 'node:crypto';
import type { Actor } from '../auth/actor.js';
import { assetNotFound } from '../catalog/asset.service.js';
import { badInput, limitExceeded } from '../errors.js';
import { MAX_PAGE } from '../graphql/page.js';
import type { SealedCursors } from '../graphql/sealed-cursor.js';
import type { Claim } from './claim.js';
import { type Lineage, type LineageEdge, type LineageQuestion, MAX_LINEAGE_DEPTH, MAX_ROOTS } from './lineage.js';
import type { FacetCount, LineageRepository, TraceRow } from './lineage.repository.js';

/** Lineage at asset level: tracing the flows that are stated. */
export class LineageService {
  constructor(
    private readonly lineage: LineageRepository,
    private readonly cursors: SealedCursors,
  ) {}

  /** The lineage of the given assets together. Throws NOT_FOUND, BAD_USER_INPUT or LIMIT_EXCEEDED. */
  async trace(actor: Actor, refs: readonly string[], question: LineageQuestion): Promise<Lineage> {
    const answers = await this.traceEach(actor, new Map([['', refs]]), question);
    const answer = answers.get('');
    if (!answer) throw new Error('The lineage statement gave no answer.');
    return answer;
  }

  /** The same question about several sets of roots, in one statement: for a list of assets. */
  async traceEach(
    actor: Actor,
    roots: ReadonlyMap<string, readonly string[]>,
    question: LineageQuestion,
  ): Promise<Map<string, Lineage>> {
    checkQuestion(question);
    for (const refs of roots.values()) checkRoots(refs);
    const position = question.after === null ? null : this.readPosition(question.after);
    const nonce = position?.nonce ?? randomBytes(12).toString('base64url');
    const answers = await this.lineage.trace(actor, roots, question, position);
    for (const [key, refs] of roots) {
      const missing = refs.find((ref) => !answers.get(key)?.found.includes(ref));
      if (missing !== undefined) throw assetNotFound(missing);
    }
    return new Map([...answers].map(([key, row]) => [key, this.toLineage(row, nonce)]));
  }

  /** Counts by kind, owner and tag over all visible assets reached. */
  facetsEach(
    actor: Actor,
    roots: ReadonlyMap<string, readonly string[]>,
    question: LineageQuestion,
  ): Promise<Map<string, FacetCount[]>> {
    return this.lineage.facets(actor, roots, question);
  }

  private toLineage(row: TraceRow, nonce: string): Lineage {
    const hidden = new Set(row.hiddenIds);
    const keyOf = (id: string): string => (hidden.has(id) ? this.cursors.opaqueKey(nonce, id) : id);
    const last = row.nodes.at(-1);
    const first = row.nodes[0];
    const cursorAt = (node: TraceRow['nodes'][number]): string =>
      this.cursors.seal(['lineage', nonce, node.depth, node.place]);
    return {
      roots: row.roots,
      nodes: row.nodes.map(({ id, asset, depth, moreUpstream, moreDownstream }) => ({
        key: keyOf(id),
        depth,
        asset,
        hidden: asset === null,
        moreUpstream,
        moreDownstream,
      })),
      edges: groupEdges(row, hidden).map((edge) => ({
        ...edge,
        source: keyOf(edge.source),
        target: keyOf(edge.target),
      })),
      totalCount: row.total,
      completeness: {
        complete: row.hidden === 0 && row.cutByDepth === 0 && !row.hasNext && !row.hasPrevious,
        hiddenNodes: row.hidden,
        cutByDepth: row.cutByDepth,
        cutByPage: row.hasNext || row.hasPrevious,
      },
      page: {
        startCursor: first ? cursorAt(first) : null,
        endCursor: last ? cursorAt(last) : null,
        hasPreviousPage: row.hasPrevious,
        hasNextPage: row.hasNext,
      },
    };
  }

  private readPosition(cursor: string): { nonce: string; depth: number; place: string } {
    const [list, nonce, depth, place] = this.cursors.open(cursor);
    if (list !== 'lineage' || typeof nonce !== 'string' || typeof depth !== 'number' || typeof place !== 'string') {
      throw badInput('This cursor belongs to another list. Use a cursor of an earlier page of the same lineage.');
    }
    return { nonce, depth, place };
  }
}

function checkQuestion({ depth, first }: LineageQuestion): void {
  if (depth < 1 || depth > MAX_LINEAGE_DEPTH)
    throw badInput(`\`depth\` is ${depth}; it must be from 1 to ${MAX_LINEAGE_DEPTH}.`);
  if (first < 1 || first > MAX_PAGE) throw badInput(`\`first\` is ${first}; it must be from 1 to ${MAX_PAGE}.`);
}

function checkRoots(refs: readonly string[]): void {
  if (refs.length === 0) throw badInput('Name at least one asset in `of`.');
  if (refs.length > MAX_ROOTS)
    throw limitExceeded(`${refs.length} assets in \`of\`; at most ${MAX_ROOTS} are possible.`);
}

/** Parallel claims become one edge. Whoever may not see an end learns only that data flows. */
function groupEdges(row: TraceRow, hidden: ReadonlySet<string>): LineageEdge[] {
  const edges = new Map<string, { source: string; target: string; claims: Claim[] }>();
  for (const { source, target, claim } of row.edges) {
    const key = `${source} ${target}`;
    const edge = edges.get(key) ?? { source, target, claims: [] };
    if (!hidden.has(source) && !hidden.has(target)) edge.claims.push(claim);
    edges.set(key, edge);
  }
  return [...edges.values()];
}
