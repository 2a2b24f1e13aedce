import type { CheckpointService } from '../checkpoints/checkpoint.worker.js';
import type { LogWalk } from '../verification/log-walk.worker.js';
import type { RetentionService } from '../erasure/retention.worker.js';
import type { Sequencer } from './sequencer.worker.js';

/** What runs beside the requests to keep the audit log: sealing, checkpoints outside the database, retention, checks. */
export class AuditLog {
  constructor(
    readonly sequencer: Sequencer,
    readonly checkpoints: CheckpointService,
    readonly retention: RetentionService,
    /** Is started by who starts the server: a check goes through all of the database. */
    readonly walk: LogWalk,
  ) {}

  /** The log is first held against its newest checkpoint; what is wrong with it is logged and makes the server not ready. */
  async start(): Promise<void> {
    await this.sequencer.trustOnce(this.checkpoints.noteMarked());
    await this.checkpoints.start();
    this.sequencer.start();
    this.retention.start();
  }

  /** Seals what is there and keeps a last checkpoint. */
  async stop(): Promise<void> {
    await this.walk.stop();
    await this.retention.stop();
    await this.sequencer.stop();
    await this.checkpoints.stop();
  }

  /** The log in numbers. */
  async measure() {
    return { ...(await this.sequencer.measure()), check: this.walk.measure() };
  }

  /** Why the log is not kept as it should be; null when it is. */
  async whyNotReady(): Promise<string | null> {
    return (await this.checkpoints.whyNotReady()) ?? this.walk.whyNotReady() ?? (await this.sequencer.whyNotReady());
  }
}
