import { anonymous } from '../../auth/actor.js';
import type { SignInFault } from '../../auth/sign-in-fault.js';
import { recordAudit } from '../../audit/record/record.js';
import type { Graph, QueryOrigin } from '../../neo4j/graph.js';
import type { Logger } from 'pino';

export interface FailedSignIn {
  fault: SignInFault;
  /** Where it came from; null: from this process itself. */
  address: string | null;
  /** The token it names, when that is one of ours; never the secret. */
  token: { id: string; holder: string; isPerson: boolean } | null;
  origin: QueryOrigin;
}

interface Repeated {
  failure: FailedSignIn;
  /** Failures since the last entry. */
  since: number;
  timer: NodeJS.Timeout;
}

const MAX_SOURCES = 1_000;

/**
 * Failed sign-ins in the audit log. The first of a source, told by its address, what was wrong and which token, is
 * written at once; while it goes on, one entry a minute says how many more there were. Sources beyond the thousandth
 * are counted together, so that a flood fills neither the memory nor the log.
 */
export class SignInFailures {
  private readonly sources = new Map<string, Repeated>();

  constructor(
    private readonly graph: Graph,
    private readonly logger: Logger,
    private readonly options: { now: () => Date; everyMs: number },
  ) {}

  /** Accounts for one failure. Never throws: a log that cannot be written must not let anyone in, nor say why not. */
  async note(failure: FailedSignIn): Promise<void> {
    let key = keyOf(failure);
    let told = failure;
    if (!this.sources.has(key) && this.sources.size >= MAX_SOURCES) {
      told = { ...failure, address: 'many addresses', token: null };
      key = keyOf(told);
    }
    const repeated = this.sources.get(key);
    if (repeated) {
      repeated.since += 1;
      return;
    }
    this.sources.set(key, { failure: told, since: 0, timer: this.later(key) });
    await this.write(told, 1);
  }

  /** Writes what is counted and not yet written, and counts no further: at the end of the process. */
  async close(): Promise<void> {
    const left = [...this.sources.values()];
    this.sources.clear();
    for (const { timer } of left) clearTimeout(timer);
    await Promise.all(left.filter(({ since }) => since > 0).map(({ failure, since }) => this.write(failure, since)));
  }

  private later(key: string): NodeJS.Timeout {
    return setTimeout(() => void this.tell(key), this.options.everyMs).unref();
  }

  private async tell(key: string): Promise<void> {
    const repeated = this.sources.get(key);
    if (!repeated) return;
    if (repeated.since === 0) {
      this.sources.delete(key);
      return;
    }
    const count = repeated.since;
    repeated.since = 0;
    repeated.timer = this.later(key);
    await this.write(repeated.failure, count);
  }

  private async write({ fault, address, token, origin }: FailedSignIn, count: number): Promise<void> {
    try {
      await this.graph.write(origin, (tx) =>
        recordAudit(tx, anonymous(origin), {
          action: 'signin:fail',
          targetId: token?.id ?? 'unknown',
          targetName: token?.holder ?? 'unknown',
          outcome: 'FAILED',
          after: { fault, address, count },
          personal: ['/after/address', ...(token?.isPerson ? ['/targetName'] : [])],
          at: this.options.now(),
        }),
      );
    } catch (error) {
      this.logger.error(
        { requestId: origin.requestId, fault, count, err: error },
        'Failed sign-ins could not be written to the audit log.',
      );
    }
  }
}

function keyOf({ fault, address, token }: FailedSignIn): string {
  return JSON.stringify([address, fault, token?.id ?? null]);
}
