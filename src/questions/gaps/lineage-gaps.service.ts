import type { Actor } from '../../auth/actor.js';
import { badInput } from '../../errors.js';
import { checkPageSize } from '../../graphql/page.js';
import type { ListCursors, SealedCursors } from '../../graphql/sealed-cursor.js';
import { checkNamespaces } from '../../lineage/trace/lineage.checks.js';
import type { Orphan, OrphanFilter } from './lineage-gaps.js';
import type { LineageGapRepository } from './lineage-gaps.repository.js';

export interface OrphanPage {
  edges: (Orphan & { cursor: string })[];
  endCursor: string | null;
  hasPrevious: boolean;
  hasNext: boolean;
  /** Asked only when the client selects it: it reads every asset. */
  countAll: () => Promise<number>;
}

/** Assets whose lineage has a hole: nobody said where they come from, or what they are for. */
export class LineageGaps {
  constructor(
    private readonly orphans: LineageGapRepository,
    private readonly cursors: SealedCursors,
  ) {}

  /**
   * A page of them in order of registration. It may be short, even empty, while there are more. Throws BAD_USER_INPUT or
   * LIMIT_EXCEEDED.
   */
  async list(
    actor: Actor,
    filter: OrphanFilter,
    { first, after }: { first: number; after: string | null },
  ): Promise<OrphanPage> {
    checkPageSize(first);
    if (filter.kinds?.length === 0) throw badInput('Name at least one kind, or leave `kinds` out for all.');
    checkNamespaces(filter.namespaces);
    const cursors = this.cursors.of('orphans', filter);
    const low = after === null ? '' : readPosition(cursors, after);
    const { orphans, scannedTo } = await this.orphans.list(actor, filter, { low, limit: first + 1 });
    const shown = orphans.slice(0, first);
    const full = orphans.length > first;
    const last = (full ? null : scannedTo) ?? shown.at(-1)?.asset.id ?? null;
    return {
      edges: shown.map((orphan) => ({ ...orphan, cursor: cursors.seal([orphan.asset.id]) })),
      endCursor: last === null ? null : cursors.seal([last]),
      hasPrevious: after !== null,
      hasNext: full || scannedTo !== null,
      countAll: () => this.orphans.count(actor, filter),
    };
  }
}

function readPosition(cursors: ListCursors, cursor: string): string {
  const [id] = cursors.open(cursor);
  if (typeof id !== 'string') throw new TypeError('A cursor of orphans holds no id.');
  return id;
}
