import { randomBytes } from 'node:crypto';
import type { Actor } from '../auth/actor.js';
import { assetNotFound } from '../catalog/asset.service.js';
import { catalogTime, clocksOf } from '../catalog/clocks.js';
import { badInput, limitExceeded } from '../errors.js';
import { MAX_PAGE } from '../graphql/page.js';
import type { SealedCursors } from '../graphql/sealed-cursor.js';
import type { Impact, ImpactQuestion } from './impact.js';
import type { ImpactRepository, ImpactRow } from './impact.repository.js';
import { MAX_LINEAGE_DEPTH, MAX_ROOTS } from './lineage.js';

/** What a change of some assets reaches: whom to tell, and what serves on it. */
export class ImpactService {
  constructor(
    private readonly impacts: ImpactRepository,
    private readonly cursors: SealedCursors,
    private readonly now: () => Date,
  ) {}

  /** Everything downstream of the assets. Throws NOT_FOUND, BAD_USER_INPUT or LIMIT_EXCEEDED. */
  async of(actor: Actor, refs: readonly string[], question: ImpactQuestion): Promise<Impact> {
    check(refs, question);
    const now = this.now();
    const { nonce, after } = this.readPosition(question.after);
    const row = await this.impacts.of(actor, refs, {
      ...clocksOf(actor, question, now),
      shownAt: catalogTime(actor, question, now),
      depth: question.depth,
      kinds: question.kinds,
      first: question.first,
      after,
    });
    const missing = refs.find((ref) => !row.found.includes(ref));
    if (missing !== undefined) throw assetNotFound(missing);
    return this.present(row, nonce);
  }

  private present(row: ImpactRow, nonce: string): Impact {
    const { kinds, owners, ownerCount, total, hidden, cutByDepth, hasPrevious, hasNext } = row;
    const cutByPage = hasPrevious || hasNext;
    return {
      ...{ kinds, owners, ownerCount, hasPrevious, hasNext },
      edges: row.nodes.map(({ id, depth, place, asset, live }) => ({
        cursor: this.cursors.seal(['impact', nonce, depth, place]),
        key: asset ? id : this.cursors.opaqueKey(nonce, id),
        depth,
        asset,
        live,
      })),
      totalCount: total,
      completeness: {
        complete: hidden === 0 && cutByDepth === 0 && !cutByPage,
        hiddenNodes: hidden,
        cutByDepth,
        cutByPage,
      },
    };
  }

  private readPosition(cursor: string | null): { nonce: string; after: { depth: number; place: string } | null } {
    if (cursor === null) return { nonce: randomBytes(12).toString('base64url'), after: null };
    const [list, nonce, depth, place] = this.cursors.open(cursor);
    if (list !== 'impact' || typeof nonce !== 'string' || typeof depth !== 'number' || typeof place !== 'string')
      throw badInput('This cursor belongs to another list. Use a cursor of an earlier page of the same `impact`.');
    return { nonce, after: { depth, place } };
  }
}

function check(refs: readonly string[], { depth, first }: ImpactQuestion): void {
  if (refs.length === 0) throw badInput('Name at least one asset in `of`.');
  if (refs.length > MAX_ROOTS)
    throw limitExceeded(`${refs.length} assets in \`of\`; at most ${MAX_ROOTS} are possible.`);
  if (depth < 1 || depth > MAX_LINEAGE_DEPTH)
    throw badInput(`\`depth\` is ${depth}; it must be from 1 to ${MAX_LINEAGE_DEPTH}.`);
  if (first < 1 || first > MAX_PAGE) throw badInput(`\`first\` is ${first}; it must be from 1 to ${MAX_PAGE}.`);
}
