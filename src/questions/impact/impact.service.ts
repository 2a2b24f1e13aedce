import { randomBytes } from 'node:crypto';
import type { Actor } from '../../auth/actor.js';
import { assetNotFound } from '../../catalog/assets/asset.service.js';
import { checkPageSize } from '../../graphql/page.js';
import type { ListCursors, SealedCursors } from '../../graphql/sealed-cursor.js';
import type { AffectedOwners, Impact, ImpactQuestion, ImpactScope } from './impact.js';
import { type ImpactNode, type ImpactRepository, type ImpactRow, kindsOf } from './impact.repository.js';
import { checkDepth, checkRoots } from '../../lineage/trace/lineage.checks.js';
import { openPlace, sealPlace } from '../../lineage/trace/lineage.cursor.js';

const LIST = 'impact';
const OWNERS = 'impact.owners';

/** What a change of some assets reaches: whom to tell, and what serves on it. */
export class ImpactService {
  constructor(
    private readonly impacts: ImpactRepository,
    private readonly cursors: SealedCursors,
  ) {}

  /** Everything downstream of the assets. Throws NOT_FOUND, BAD_USER_INPUT or LIMIT_EXCEEDED. */
  async of(actor: Actor, question: ImpactQuestion): Promise<Impact> {
    checkRoots('of', question.of);
    checkDepth(question.depth);
    checkPageSize(question.first);
    const position = openPlace(this.cursors, question.of, asLineage(question), LIST);
    const nonce = position?.nonce ?? randomBytes(12).toString('base64url');
    const row = await this.impacts.of(actor, question, position);
    const missing = question.of.find((ref) => !row.found.includes(ref));
    if (missing !== undefined) throw assetNotFound(missing);
    return this.present(row, nonce, question);
  }

  /** Who owns what is reached and visible, the owners of most first. Throws BAD_USER_INPUT. */
  async owners(
    actor: Actor,
    scope: ImpactScope,
    { first, after }: { first: number; after: string | null },
  ): Promise<AffectedOwners> {
    checkPageSize(first);
    const cursors = this.cursors.of(OWNERS, scope);
    const page = { first, after: after === null ? null : readOwner(cursors, after) };
    const { owners, total, hasNext } = await this.impacts.owners(actor, scope, page);
    return {
      edges: owners.map((owner) => ({
        ...owner,
        cursor: cursors.seal([owner.assets, owner.ownerId]),
      })),
      totalCount: total,
      hasPrevious: after !== null,
      hasNext,
    };
  }

  private present({ counts, nodes, start, hasNext }: ImpactRow, nonce: string, question: ImpactQuestion): Impact {
    const asked = { refs: question.of, question: asLineage(question), list: LIST };
    const cursorOf = (node: ImpactNode, index: number): string =>
      sealPlace(this.cursors, nonce, { ...node, offset: start + index }, asked);
    const [hidden, cutByDepth] = [counts.get('HIDDEN') ?? 0, counts.get('BEYOND') ?? 0];
    const [kinds, hasPrevious] = [kindsOf(counts), start > 0];
    const cutByPage = hasPrevious || hasNext;
    return {
      ...{ kinds, hasPrevious, hasNext },
      edges: nodes.map((node, index) => ({
        cursor: cursorOf(node, index),
        key: node.visible ? node.id : this.cursors.opaqueKey(nonce, node.id),
        ...{ depth: node.depth, asset: node.asset, live: node.live },
      })),
      totalCount: kinds.reduce((sum, { count }) => sum + count, hidden),
      completeness: {
        complete: hidden === 0 && cutByDepth === 0 && !cutByPage,
        hiddenNodes: hidden,
        cutByDepth,
        cutByPage,
      },
    };
  }
}

function readOwner(cursors: ListCursors, cursor: string): { assets: number; owner: string } {
  const [assets, owner] = cursors.open(cursor);
  if (typeof assets !== 'number' || typeof owner !== 'string')
    throw new TypeError('A cursor of owners holds no owner.');
  return { assets, owner };
}

/** What is reached is a lineage downstream: a cursor belongs to that question. */
const asLineage = (question: ImpactQuestion) =>
  ({ ...question, direction: 'DOWNSTREAM', ignore: null, until: null }) as const;
