import { randomBytes } from 'node:crypto';
import type { Actor } from '../../auth/actor.js';
import type { Asset } from '../../catalog/model/asset.js';
import { assetNotFound } from '../../catalog/assets/asset.service.js';
import { notFound } from '../../errors.js';
import type { SealedCursors } from '../../graphql/sealed-cursor.js';
import type { Lineage, LineageQuestion } from './lineage.js';
import { checkQuestion, checkRoots } from './lineage.checks.js';
import { openPlace, sealPlace } from './lineage.cursor.js';
import type { LineageRepository, Roots } from './lineage.repository.js';
import type { FacetCount, TraceRow } from './trace-page.js';

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
    for (const root of answer.roots) checkKnown(root, question.knownAt);
    return answer;
  }

  /** The same question about several sets of roots, in one statement: for a list of assets. */
  async traceEach(actor: Actor, roots: Roots, question: LineageQuestion): Promise<Map<string, Lineage>> {
    checkQuestion(question);
    for (const refs of roots.values()) checkRoots('of', refs);
    const opened = [...roots.values()].map((refs) => openPlace(this.cursors, refs, question));
    const position = opened[0] ?? null;
    const nonce = position?.nonce ?? randomBytes(12).toString('base64url');
    const answers = await this.lineage.trace(actor, roots, question, position);
    const ignored = question.ignore?.refs ?? [];
    for (const [key, refs] of roots) {
      const missing = [...refs, ...ignored].find((ref) => !answers.get(key)?.found.includes(ref));
      if (missing !== undefined) throw assetNotFound(missing);
    }
    return new Map(
      [...answers].map(([key, row]) => [key, this.toLineage(row, nonce, { refs: roots.get(key) ?? [], question })]),
    );
  }

  /** Counts by kind, owner and tag over all visible assets reached. */
  facetsEach(actor: Actor, roots: Roots, question: LineageQuestion): Promise<Map<string, FacetCount[]>> {
    return this.lineage.facets(actor, roots, question);
  }

  private toLineage(
    row: TraceRow,
    nonce: string,
    asked: { refs: readonly string[]; question: LineageQuestion },
  ): Lineage {
    const hidden = new Set(row.hiddenIds);
    const keyOf = (id: string): string => (hidden.has(id) ? this.cursors.opaqueKey(nonce, id) : id);
    const cursorAt = (index: number): string | null => {
      const node = row.nodes.at(index);
      const offset = index === 0 ? row.start : row.start + row.nodes.length - 1;
      return node ? sealPlace(this.cursors, nonce, { ...node, offset }, asked) : null;
    };
    const [hasPreviousPage, hasNextPage] = [row.start > 0, row.hasNext];
    return {
      roots: row.roots,
      nodes: row.nodes.map(({ id, depth, asset, visible, moreUpstream, moreDownstream }) => {
        return { key: keyOf(id), depth, asset, hidden: !visible, moreUpstream, moreDownstream };
      }),
      // Whoever may not see an end learns only that data flows.
      edges: row.edges.map(({ source, target, through, claims }) => ({
        source: keyOf(source),
        target: keyOf(target),
        through,
        claims: hidden.has(source) || hidden.has(target) ? [] : claims,
      })),
      totalCount: row.total,
      completeness: {
        complete: row.hidden === 0 && row.cutByDepth === 0 && !hasNextPage && !hasPreviousPage,
        hiddenNodes: row.hidden,
        cutByDepth: row.cutByDepth,
        cutByPage: hasNextPage || hasPreviousPage,
      },
      page: { startCursor: cursorAt(0), endCursor: cursorAt(-1), hasPreviousPage, hasNextPage },
    };
  }
}

/** An empty answer would say that it had no lineage, where in truth nobody had heard of it. Throws NOT_FOUND. */
function checkKnown({ urn, createdAt }: Asset, knownAt: Date | null): void {
  if (knownAt === null || createdAt <= knownAt) return;
  throw notFound(
    `Nothing was known of ${urn} at ${knownAt.toISOString()}: it was registered at ${createdAt.toISOString()}. Give a \`knownAt\` from then on, or leave it out for now.`,
  );
}
