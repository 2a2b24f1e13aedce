import type { Actor } from '../auth/actor.js';
import type { AssetKind } from '../catalog/urn.js';
import { badInput } from '../errors.js';
import { MAX_PAGE } from '../graphql/page.js';
import type { SealedCursors } from '../graphql/sealed-cursor.js';
import type { Orphan } from './orphan.js';
import type { OrphanRepository } from './orphan.repository.js';

export interface OrphanPage {
  edges: (Orphan & { cursor: string })[];
  endCursor: string | null;
  hasPrevious: boolean;
  hasNext: boolean;
  /** Asked only when the client selects it: it reads every asset. */
  countAll: () => Promise<number>;
}

/** Assets whose lineage has a hole: nobody said where they come from, or what they are for. */
export class OrphanService {
  constructor(
    private readonly orphans: OrphanRepository,
    private readonly cursors: SealedCursors,
  ) {}

  /** A page of them in order of registration. It may be short, even empty, while there are more. Throws BAD_USER_INPUT. */
  async list(
    actor: Actor,
    question: { kinds: readonly AssetKind[] | null; first: number; after: string | null },
  ): Promise<OrphanPage> {
    const { kinds, first, after } = question;
    if (first < 1 || first > MAX_PAGE) throw badInput(`\`first\` is ${first}; it must be from 1 to ${MAX_PAGE}.`);
    const low = after === null ? '' : this.readPosition(after);
    const { orphans, scannedTo } = await this.orphans.list(actor, kinds, { low, limit: first + 1 });
    const shown = orphans.slice(0, first);
    const full = orphans.length > first;
    const last = full ? shown.at(-1)?.asset.id : scannedTo;
    return {
      edges: shown.map((orphan) => ({ ...orphan, cursor: this.cursorAt(orphan.asset.id) })),
      endCursor:
        last == null ? (shown.at(-1) ? this.cursorAt(shown.at(-1)?.asset.id ?? '') : null) : this.cursorAt(last),
      hasPrevious: after !== null,
      hasNext: full || scannedTo !== null,
      countAll: () => this.orphans.count(actor, kinds),
    };
  }

  /** Sealed: the last asset looked at may be one that the caller may not see. */
  private cursorAt(id: string): string {
    return this.cursors.seal(['orphans', id]);
  }

  private readPosition(cursor: string): string {
    const [list, id] = this.cursors.open(cursor);
    if (list !== 'orphans' || typeof id !== 'string')
      throw badInput('This cursor belongs to another list. Use a cursor of an earlier page of `orphans`.');
    return id;
  }
}
