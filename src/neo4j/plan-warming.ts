import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Graph } from './graph.js';
import type { Planner } from './planner.js';

const LOOK_FOR_QUIET_MS = 20;
/** A second without quiet, and the next statement is planned all the same: a busy server needs its plans most. */
const MOST_LOOKS = 50;
/** Between two looks whether the database still has its plans. */
const LOOK_EVERY_MS = 15_000;
const AFTER_FAILURE_MS = 5_000;

export interface PlanWarmingOptions {
  /** The statements to plan, those that people meet first before the others. */
  statements: readonly string[];
  logger: Logger;
  /** Lets so many milliseconds pass, or fewer when the signal says so; tests have a clock of their own. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const passTime = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
};

/**
 * Has the database plan the statements before people ask them, so that nobody waits for a plan: after the start, and again
 * when the database has forgotten (it was started again, an index was made, its caches were cleared). It takes the last
 * place: one statement at a time, after a moment of quiet, and a pause as long as each took.
 */
export class PlanWarming {
  private readonly stopping = new AbortController();
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly graph: Pick<Graph, 'isQuiet'>,
    private readonly planner: Pick<Planner, 'plan'>,
    private readonly options: PlanWarmingOptions,
  ) {}

  start(): void {
    this.working = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async run(): Promise<void> {
    while (!this.isStopping()) {
      try {
        const dearest = await this.planAll();
        await this.untilForgotten(dearest);
      } catch (error) {
        if (this.isStopping()) return;
        this.options.logger.debug({ err: error }, 'The statements could not all be planned; this is tried again.');
        await this.pause(AFTER_FAILURE_MS);
      }
    }
  }

  /** The statement whose plan took longest, and how long in milliseconds: by it a lost plan is known. */
  private async planAll(): Promise<{ statement: string; ms: number }> {
    let dearest = { statement: '', ms: 0 };
    const began = performance.now();
    for (const statement of this.options.statements) {
      await this.untilQuiet();
      if (this.isStopping()) break;
      const ms = await this.planner.plan(statement);
      if (ms > dearest.ms) dearest = { statement, ms };
      await this.pause(ms);
    }
    const seconds = (performance.now() - began) / 1000;
    if (!this.isStopping()) {
      this.options.logger.info({ statements: this.options.statements.length, seconds }, 'The statements are planned.');
    }
    return dearest;
  }

  /** A plan that is kept is there in a tenth of the time it took to make. */
  private async untilForgotten({ statement, ms }: { statement: string; ms: number }): Promise<void> {
    for (;;) {
      await this.pause(LOOK_EVERY_MS);
      await this.untilQuiet();
      if (this.isStopping() || (await this.planner.plan(statement)) > ms / 2) return;
    }
  }

  /** Waits for a moment in which nobody asks, though not for ever. */
  private async untilQuiet(): Promise<void> {
    for (let look = 0; look < MOST_LOOKS && !this.graph.isQuiet && !this.isStopping(); look++) {
      await this.pause(LOOK_FOR_QUIET_MS);
    }
  }

  private async pause(ms: number): Promise<void> {
    await (this.options.pause ?? passTime)(ms, this.stopping.signal);
  }
}
