import type { Logger } from 'pino';
import { systemActor } from '../../auth/actor.js';
import type { QueryOrigin } from '../../neo4j/graph.js';
import type { JobRepository } from '../jobs/job.repository.js';
import type { LateRecords } from './late-records.worker.js';
import { type Launcher, LauncherUnreachable, type ListedAttempt } from '../../launchers/port/launcher.js';
import type { LauncherRegistry } from '../../launchers/registry.js';

const EVERY_MS = 300_000;
const FIRST_AFTER_MS = 30_000;

const SYSTEM = systemActor('training-orphans');

/**
 * Looks for tasks that a launcher has under one of our names and that no open job here asked for: their job has ended, was
 * never here, or is in another attempt by now. They are told of and never stopped: another Weftline may have them.
 */
export class UnclaimedTasks {
  private timer: NodeJS.Timeout | null = null;
  private readonly suspects = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly jobs: JobRepository,
    private readonly launchers: LauncherRegistry,
    private readonly late: LateRecords,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.schedule(FIRST_AFTER_MS);
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  /** The orphans at a launcher now, by name. null: it cannot be asked. */
  async at(launcher: Launcher, origin: QueryOrigin = SYSTEM.origin): Promise<ListedAttempt[] | null> {
    try {
      const tasks = (await launcher.list()).filter(({ over }) => !over);
      const jobIds = [...new Set(tasks.map(({ name }) => name.slice(0, name.lastIndexOf('-'))))];
      const known = await this.jobs.openAttempts(origin, launcher.name, jobIds);
      return tasks.filter(({ name }) => !known.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      if (error instanceof LauncherUnreachable) return null;
      throw error;
    }
  }

  /**
   * Looks now. Tells the log of those that were orphans already at the last look: one whose job just ended is about to end
   * too. And, the other way round, looks for what became of jobs that were given up.
   */
  async look(): Promise<void> {
    for (const launcher of this.launchers.all()) {
      await this.late.lookAt(launcher);
      const orphans = await this.at(launcher);
      const before = this.suspects.get(launcher.name);
      const lasting = orphans?.filter(({ name }) => before?.has(name)).map(({ name, id }) => ({ name, id })) ?? [];
      if (orphans) this.suspects.set(launcher.name, new Set(orphans.map(({ name }) => name)));
      if (lasting.length === 0) continue;
      const said =
        'A launcher has tasks that no open job asked for. Look at them, and stop them there if nobody needs them.';
      this.logger.warn({ launcher: launcher.name, orphans: lasting.slice(0, 100), total: lasting.length }, said);
    }
  }

  private schedule(ms: number): void {
    this.timer = setTimeout(() => {
      void this.look()
        .catch((error: unknown) =>
          this.logger.warn({ err: error }, 'The search for orphaned tasks failed; it is tried again.'),
        )
        .then(() => {
          if (this.timer) this.schedule(EVERY_MS);
        });
    }, ms);
    this.timer.unref();
  }
}
