import { randomBytes } from 'node:crypto';
import type { Actor } from '../../auth/actor.js';
import { effectiveCatalogTime, clocksOf, type ClocksAsked } from '../../catalog/model/as-of.js';
import type { Version } from '../../catalog/versions/version.js';
import { badInput } from '../../errors.js';
import type { SealedCursors } from '../../graphql/sealed-cursor.js';
import { type Completeness, type Direction, MAX_LINEAGE_DEPTH } from '../trace/lineage.js';
import type { ProvenanceFlow, ProvenanceRepository, ProvenanceRow } from './provenance.repository.js';
import type { Run } from './run.js';

/** Most versions and runs in one answer. */
const MAX_PROVENANCE = 2_000;

export interface Provenance {
  versions: Version[];
  runs: Run[];
  edges: ProvenanceFlow[];
  completeness: Completeness;
}

/** Lineage at version level: what exactly was used and generated. */
export class ProvenanceService {
  constructor(
    private readonly provenances: ProvenanceRepository,
    private readonly cursors: SealedCursors,
    private readonly now: () => Date,
  ) {}

  /**
   * The same question about several versions, in one statement. Depth counts versions and runs alike. Throws BAD_USER_INPUT
   * for a depth out of bounds and for a clock in the future.
   */
  async of(
    actor: Actor,
    versionIds: readonly string[],
    question: { direction: Direction; depth: number } & ClocksAsked,
  ): Promise<Map<string, Provenance>> {
    const { depth } = question;
    if (depth < 1 || depth > MAX_LINEAGE_DEPTH)
      throw badInput(`\`depth\` is ${depth}; it must be from 1 to ${MAX_LINEAGE_DEPTH}.`);
    const now = this.now();
    const found = await this.provenances.of(actor, versionIds, {
      ...question,
      ...clocksOf(actor, question, now),
      then: effectiveCatalogTime(actor, question, now),
      limit: MAX_PROVENANCE,
    });
    const nonce = randomBytes(12).toString('base64url');
    return new Map(versionIds.map((id) => [id, this.present(found.get(id), nonce)]));
  }

  private present(row: ProvenanceRow | undefined, nonce: string): Provenance {
    if (!row) {
      const completeness = { complete: true, hiddenNodes: 0, cutByDepth: 0, cutByPage: false };
      return { versions: [], runs: [], edges: [], completeness };
    }
    const hidden = new Set(row.hiddenIds);
    const keyOf = (id: string): string => (hidden.has(id) ? this.cursors.opaqueKey(nonce, id) : id);
    return {
      versions: row.versions,
      runs: row.runs,
      edges: row.edges.map(({ source, target, check }) => ({
        source: keyOf(source),
        target: keyOf(target),
        // It quotes digests, and where the data lies.
        check: hidden.has(source) || hidden.has(target) ? null : check,
      })),
      completeness: {
        complete: row.hidden === 0 && row.cutByDepth === 0 && !row.cut,
        hiddenNodes: row.hidden,
        cutByDepth: row.cutByDepth,
        cutByPage: row.cut,
      },
    };
  }
}
