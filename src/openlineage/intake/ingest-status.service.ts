import { type Actor, actorId, readsEverything } from '../../auth/actor.js';
import { cutPage, type Page, type PageRows } from '../../graphql/page.js';
import type { MeasuredIntake } from '../../metrics.js';
import type { Backlog } from './backlog.js';
import type { IntakeTallies, Outcome, SourceTally } from './tallies.js';

export type IngestSource = Omit<SourceTally, Outcome> & Record<Outcome, bigint> & { id: string };

/** How the intake of events stands, on this server since it started. */
export class IngestStatusService {
  constructor(
    readonly backlog: Backlog,
    readonly tallies: IntakeTallies,
  ) {}

  /** What /metrics tells. */
  measure(): MeasuredIntake {
    const { events, bytes, oldestSeconds, turnedAway } = this.backlog;
    return { events, bytes, oldestSeconds, turnedAway, outcomes: this.tallies.total };
  }

  /** The accounts that the actor may know of: themselves, and to who reads everything all. By their ids. */
  sources(actor: Actor, page: Page): PageRows<IngestSource> {
    const inPage = this.seenBy(actor).filter(
      ({ id }) => id > (page.after ?? '') && (page.before === null || id < page.before),
    );
    const read = page.backward ? inPage.reverse() : inPage;
    return cutPage(read.slice(0, page.size + 1), page);
  }

  countSources(actor: Actor): number {
    return this.seenBy(actor).length;
  }

  private seenBy(actor: Actor): IngestSource[] {
    const tallies = this.tallies.sourcesOf(readsEverything(actor) ? null : actorId(actor));
    return tallies
      .map(({ taken, repeated, refused, ...rest }) => ({
        ...{ ...rest, id: rest.accountId },
        ...{ taken: BigInt(taken), repeated: BigInt(repeated), refused: BigInt(refused) },
      }))
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  }
}
