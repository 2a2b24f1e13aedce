import type { Actor } from '../../auth/actor.js';
import { may } from '../../auth/rights.js';
import { recordAudit } from '../../audit/record/record.js';
import { conflict, forbidden } from '../../errors.js';
import type { Graph } from '../../neo4j/graph.js';
import type { OverdueRepository } from './overdue.repository.js';
import { isFinal, type Run, runNotFound } from './run.js';
import type { RunRepository } from './run.repository.js';

/** Runs that began elsewhere and of which nothing has been heard for longer than their namespace allows (ADR 41). */
export class OverdueRuns {
  constructor(
    private readonly graph: Graph,
    private readonly overdue: OverdueRepository,
    private readonly runs: RunRepository,
    private readonly now: () => Date,
  ) {}

  /** Since when each is overdue; those that are, at the time they are shown at. */
  since(actor: Actor, runIds: readonly string[], shownAt: Date | undefined): Promise<Map<string, Date>> {
    return this.overdue.since(actor, runIds, shownAt ?? actor.readsAsOf ?? this.now());
  }

  /**
   * Records that a run still goes on. The log has an entry only where it was overdue, and no longer is. Throws NOT_FOUND, FORBIDDEN, or
   * CONFLICT for a run that ended or that Weftline itself looks after.
   */
  async beat(actor: Actor, id: string): Promise<Run> {
    return this.graph.write(actor.origin, async (tx) => {
      const locked = await this.runs.lock(tx, actor, id);
      if (!locked) throw runNotFound(id);
      if (!may(actor, locked.rights, 'EDIT'))
        throw forbidden(`You may not EDIT ${locked.urn}, so you cannot report on its runs.`);
      if (locked.launched)
        throw conflict('This run belongs to a training job: Weftline sees by itself that it goes on.');
      if (isFinal(locked.run.state)) throw conflict(`The run ended already: ${locked.run.state}.`);
      const { run, overdueSince } = await this.overdue.beat(tx, id);
      if (overdueSince === null) return run;
      await recordAudit(tx, actor, {
        action: 'run:heartbeat',
        targetId: run.id,
        targetName: locked.urn,
        assetIds: [run.transformationId],
        before: { overdueSince },
        after: { overdueSince: null },
        at: this.now(),
      });
      return run;
    });
  }
}
