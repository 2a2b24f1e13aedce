import { type Actor, actorId, hasSamePermissions } from '../../auth/actor.js';
import { ErrorCode, WeftlineError } from '../../errors.js';
import { portionsOf } from '../../neo4j/portions.js';
import type { EventDataset, LineageEvent } from '../event/event.js';
import { facetOf } from '../event/facet.js';
import type { EventIngest, IngestOutcome } from './ingest.port.js';

/**
 * Of one transaction, at most: so many events, which share the time of a commit, and data sets of such a weight, for it has to fit
 * into the memory and the time that the database gives to one.
 */
const AT_ONCE = { items: 100, weight: 1_000, weightOf };
/** So many columns weigh as much as a data set. */
const COLUMNS = 10;

/** Milliseconds for which those who sent at the same time as others are waited for. */
const LINGER_MS = 10;

interface Waiting {
  actor: Actor;
  events: readonly LineageEvent[];
  answer: (outcomes: readonly IngestOutcome[]) => void;
  fail: (error: unknown) => void;
}

/**
 * Takes what comes while a transaction is under way into the next one, in the order in which it came: many who send one event each share
 * a commit, and of one run nothing overtakes anything. Whoever is answered finds their events in the graph. Who was answered together with
 * others mostly sends the next at once, and so do they: the next transaction waits for them a moment, for what it costs is mostly its own.
 */
export class IngestQueue implements EventIngest {
  private readonly waiting: Waiting[] = [];
  private isWorking = false;
  /** Who was answered last, and how many requests of theirs were there when that transaction ended. */
  private answered: { actor: Actor; callers: number } | null = null;
  private allCame: () => void = () => undefined;

  constructor(
    private readonly inner: EventIngest,
    private readonly onFault: (error: unknown) => void,
  ) {}

  ingest(actor: Actor, events: readonly LineageEvent[]): Promise<readonly IngestOutcome[]> {
    if (events.length === 0) return Promise.resolve([]);
    return new Promise((answer, fail) => {
      this.waiting.push({ actor, events, answer, fail });
      if (!this.isWorking) void this.work();
      else if (this.areAllHere()) this.allCame();
    });
  }

  private async work(): Promise<void> {
    this.isWorking = true;
    while (this.waiting.length > 0) {
      if (!this.areAllHere()) await this.othersCome();
      const together = this.next();
      const [{ actor }] = together as [Waiting];
      const events = together.flatMap((each) => each.events);
      try {
        const outcomes = [...(await this.portions(actor, events))];
        for (const each of together) each.answer(outcomes.splice(0, each.events.length));
      } catch (error) {
        for (const each of together) each.fail(error);
      }
      const others = this.waiting.filter((each) => areOne(each.actor, actor));
      this.answered = { actor, callers: together.length + others.length };
    }
    this.isWorking = false;
  }

  /** Whether nobody is waited for: a transaction is full, as many wait as sent at the same time before, or somebody else is next. */
  private areAllHere(): boolean {
    const { answered, waiting } = this;
    if (answered === null || waiting.length >= answered.callers) return true;
    const events = waiting.reduce((sum, each) => sum + each.events.length, 0);
    return events >= AT_ONCE.items || waiting.some(({ actor }) => !areOne(actor, answered.actor));
  }

  private othersCome(): Promise<void> {
    return new Promise((goOn) => {
      const timer = setTimeout(goOn, LINGER_MS);
      this.allCame = () => {
        clearTimeout(timer);
        goOn();
      };
    });
  }

  /** Those in front that one actor sends with the same permissions, as many as go into one transaction; of a larger batch, that alone. */
  private next(): Waiting[] {
    const [first] = this.waiting;
    if (!first) return [];
    let [count, events] = [0, 0];
    for (const each of this.waiting) {
      const fits = count === 0 || events + each.events.length <= AT_ONCE.items;
      if (!fits || !areOne(each.actor, first.actor)) break;
      count += 1;
      events += each.events.length;
    }
    return this.waiting.splice(0, count);
  }

  private async portions(actor: Actor, events: readonly LineageEvent[]): Promise<IngestOutcome[]> {
    const outcomes: IngestOutcome[] = [];
    for (const portion of portionsOf(events, AT_ONCE)) outcomes.push(...(await this.together(actor, portion)));
    return outcomes;
  }

  /** One that cannot be taken must not keep the others out: where all together fail, each is tried by itself. */
  private async together(actor: Actor, events: readonly LineageEvent[]): Promise<readonly IngestOutcome[]> {
    try {
      return await this.inner.ingest(actor, events);
    } catch (error) {
      if (isAway(error)) return events.map(() => refusal(error));
      if (events.length === 1) return [this.alone(error)];
      const outcomes: IngestOutcome[] = [];
      for (const event of events) outcomes.push(...(await this.together(actor, [event])));
      return outcomes;
    }
  }

  private alone(error: unknown): IngestOutcome {
    if (error instanceof WeftlineError) return refusal(error);
    this.onFault(error);
    const message =
      'Something went wrong on our side over this event; nothing of it was kept. The server log has the cause.';
    return { ok: false, code: ErrorCode.INTERNAL, message, retriable: true };
  }
}

/** Whether their events may go into one transaction. */
const areOne = (one: Actor, other: Actor): boolean => actorId(one) === actorId(other) && hasSamePermissions(one, other);

function weightOf(event: LineageEvent): number {
  const datasets = event.kind === 'DATASET' ? [event.dataset] : [...event.inputs, ...event.outputs];
  return datasets.reduce((sum, dataset) => sum + 1 + columnsOf(dataset) / COLUMNS, 0);
}

function columnsOf({ facets }: EventDataset): number {
  const fields = facetOf<{ fields: unknown }>(facets, 'schema')?.fields;
  return Array.isArray(fields) ? fields.length : 0;
}

const isAway = (error: unknown): error is WeftlineError =>
  error instanceof WeftlineError && error.code === ErrorCode.UNAVAILABLE;

const refusal = ({ code, message }: WeftlineError): IngestOutcome => ({
  ok: false,
  code,
  message,
  retriable: code === ErrorCode.UNAVAILABLE,
});
