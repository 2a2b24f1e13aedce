import { type Actor, administers } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { forbidden } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { FlowKind, Retracted, Retraction } from '../statements/claim.js';
import type { ClaimReconciler } from '../statements/claim-reconciler.js';

/** Taking back many things that a source stated, of assets or of fields alike. */
export class SourceRetraction {
  constructor(
    private readonly graph: Graph,
    private readonly engine: ClaimReconciler,
    private readonly now: () => Date,
    private readonly kind: FlowKind,
    private readonly action: 'lineage:retract' | 'fieldLineage:retract',
    /** What has to be waited for before something is taken back. */
    private readonly before: (tx: WriteTransaction, now: Date) => Promise<void> = () => Promise.resolve(),
  ) {}

  /** Takes back or ends each; how much that was in all. */
  async each(tx: WriteTransaction, retractions: readonly Retraction[]): Promise<Retracted> {
    const done: Retracted = { retracted: 0, ended: 0 };
    await this.before(tx, this.now());
    for (const retraction of retractions) add(done, await this.engine.retract(tx, this.kind, retraction));
    return done;
  }

  /**
   * Everything the source ever stated: each subject at once, but not all of them, for a source may have stated hundreds of
   * thousands of flows. Throws FORBIDDEN for who is not an ADMIN.
   */
  async everything(
    actor: Actor,
    { claimSource, from, reason }: { claimSource: string; from: Date | null; reason: string | null },
  ): Promise<Retracted> {
    if (!administers(actor))
      throw forbidden('Only an ADMIN takes back everything of a source. Name flows, a run or a transformation.');
    const done: Retracted = { retracted: 0, ended: 0 };
    for (const subjects of await this.engine.subjectsOf(actor, this.kind, claimSource)) {
      const step = await this.graph.write(actor.origin, async (tx) => {
        const of = 'everything';
        const counted = await this.each(
          tx,
          subjects.map(({ subjectId }) => ({ claimSource, subjectId, of, from })),
        );
        const assetIds = subjects.map(({ subjectId }) => subjectId);
        const after = { source: claimSource, everything: true, ...(from ? { from } : {}), ...counted };
        const target = { targetId: assetIds[0] ?? '', targetName: `${assetIds.length} transformation(s)`, assetIds };
        await recordAudit(tx, actor, { action: this.action, ...target, after, reason, at: this.now() });
        return counted;
      });
      add(done, step);
    }
    return done;
  }
}

function add(sum: Retracted, more: Retracted): void {
  sum.retracted += more.retracted;
  sum.ended += more.ended;
}
