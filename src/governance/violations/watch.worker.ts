import type { Logger } from 'pino';
import { systemActor } from '../../auth/actor.js';
import type { AssetEvent } from '../../audit/entries/audit.js';
import type { AuditTail } from '../../audit/sealing/audit-tail.js';
import type { Graph } from '../../neo4j/graph.js';
import { pause } from '../../neo4j/pause.js';
import { policyState } from '../gate/gate.js';
import type { BreakGlassService } from '../break-glass/break-glass.service.js';
import type { Rechecks } from './recheck.service.js';
import { LeaseLost, type PolicyCheck, type WatchRepository, type WatchState } from './watch.repository.js';

/** Checks of one round: one transaction keeps what comes of them. */
const CHUNK = 100;
const ENTRIES = 500;
/** Further behind than this, all that serves is decided again instead of what each entry says. */
const MOST_BEHIND = 5_000;
/** Who died with the lease leaves it to others after this time. */
const LEASE_MS = 60_000;
/** What could not be decided is tried again after this time. */
const AGAIN_MS = 30_000;

const SYSTEM = systemActor('policy-watch');

/** What is done to assets and changes nothing that policies read of what serves. */
const BESIDE = ['deployment:health', 'run:heartbeat', 'run:start', 'training:launch', 'training:cancel'];
const BESIDE_KINDS = ['violation:', 'access:', 'denied:', 'audit:'];

export interface WatchOptions {
  /** Between two looks. */
  everyMs: number;
  /** All that serves is asked anew after this time, whatever changed: by it, what only time changes is found. */
  recheckSeconds: number;
  logger: Logger;
  now: () => Date;
}

/**
 * Decides anew about what serves when something changes that policies decide by. What changed is read from the audit log, in which each
 * change stands in the transaction that made it: none is missed, whichever server dies when. One server at a time works.
 */
export class PolicyWatch {
  private readonly stopping = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(
    private readonly graph: Graph,
    private readonly rows: WatchRepository,
    private readonly log: AuditTail,
    private readonly rechecks: Rechecks,
    private readonly emergencies: Pick<BreakGlassService, 'tellExpired'>,
    private readonly options: WatchOptions,
  ) {}

  start(): void {
    this.loop ??= this.run();
  }

  /** Ends the round under way, and leaves the work to others. */
  async stop(): Promise<void> {
    this.stopping.abort();
    if (this.loop === null) return;
    await this.loop;
    await this.rows.release().catch((error: unknown) => {
      this.options.logger.warn(
        { err: error },
        'The lease of policy checks could not be given back; it ends by itself.',
      );
    });
  }

  /** Looks once; whether there may be more to do. */
  async round(): Promise<boolean> {
    const { watch, isDue, isOpen, isExpired } = await this.rows.look();
    // It is in the log then, and what it had let through is found there like all that changes.
    if (isExpired) await this.emergencies.tellExpired();
    const { activeId } = await policyState(this.graph.reader(SYSTEM.origin));
    // Nothing is enforced, and nothing is left from when it was.
    if (activeId === null && watch.policySetId === null && !isOpen && !isDue) return false;
    // Whatever is sealed after this is found at the next look.
    const end = await this.log.lastNumber(SYSTEM);
    if (!isDue && !this.isBehind(watch, activeId, end)) return false;
    const leased = await this.rows.lease(new Date(this.options.now().getTime() + LEASE_MS));
    if (leased === null) return false;
    await this.note(leased, activeId, end);
    const checks = await this.rows.due(CHUNK);
    await this.check(checks);
    return checks.length === CHUNK;
  }

  private async run(): Promise<void> {
    const { everyMs, logger } = this.options;
    while (!this.stopping.signal.aborted) {
      let isBusy = false;
      try {
        isBusy = await this.round();
      } catch (error) {
        if (!(error instanceof LeaseLost))
          logger.warn({ err: error }, 'Policies could not be asked anew of what serves; it is tried again.');
      }
      if (!isBusy) await pause(everyMs, this.stopping.signal, { ref: false }).catch(() => undefined);
    }
  }

  private isBehind(watch: WatchState, activeId: string | null, end: number): boolean {
    return this.isForAll(watch, activeId, end) || end > (watch.through ?? -1);
  }

  private isForAll({ through, policySetId, allAt }: WatchState, activeId: string | null, end: number): boolean {
    const { now, recheckSeconds } = this.options;
    const isTime = allAt === null || now().getTime() >= allAt.getTime() + recheckSeconds * 1_000;
    return through === null || policySetId !== activeId || isTime || end - through > MOST_BEHIND;
  }

  /** Writes down what is to be decided again. */
  private async note(watch: WatchState, activeId: string | null, end: number): Promise<void> {
    const affected = this.isForAll(watch, activeId, end) ? null : await this.affectedSince(watch.through ?? -1, end);
    if (affected !== null) await this.rows.note({ through: end }, affected);
    else
      await this.rows.note({ through: end, policySetId: activeId, allAt: this.options.now() }, await this.rows.all());
  }

  /** null: all are. */
  private async affectedSince(after: number, end: number): Promise<string[] | null> {
    if (end <= after) return [];
    if (await this.rows.peopleChanged(after, end)) return null;
    const assets = new Set<string>();
    for (let from = after; from < end;) {
      const { events, through } = await this.log.after(SYSTEM, from, ENTRIES);
      for (const event of events.filter(({ seq }) => seq <= end))
        if (counts(event)) event.assetIds.forEach((id) => assets.add(id));
      if (through === from) break;
      from = through;
    }
    return assets.size === 0 ? [] : this.rows.affectedBy([...assets]);
  }

  private async check(checks: readonly PolicyCheck[]): Promise<void> {
    if (checks.length === 0) return;
    try {
      await this.rechecks.check(checks);
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      // One that cannot be decided holds up no other.
      for (const each of checks) await this.checkAlone(each);
    }
  }

  private async checkAlone(check: PolicyCheck): Promise<void> {
    try {
      await this.rechecks.check([check]);
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      const { logger, now } = this.options;
      logger.warn({ err: error, deployment: check.deploymentId }, 'Policies could not be asked anew of a deployment.');
      await this.rows.postpone([check.id], new Date(now().getTime() + AGAIN_MS));
    }
  }
}

const counts = ({ action }: AssetEvent): boolean =>
  !BESIDE.includes(action) && !BESIDE_KINDS.some((kind) => action.startsWith(kind));
