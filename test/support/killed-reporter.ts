/** Producers that go on sending while the server that they send to is killed, and send again what was not answered. */
import { randomUUID } from 'node:crypto';
import { parseEvent } from '../../src/openlineage/event/parse.js';
import { datasetOf, facetOf, runEvent } from './openlineage-events.js';

type Event = Record<string, unknown>;

/** What is sent in one request. */
interface Packet {
  events: readonly Event[];
  /** By which each is known again, in their order. */
  digests: readonly string[];
  way: 'single' | 'list' | 'lines';
}

/** One connection: a request after the other, each run in its order. */
export class Reporter {
  /** What was sent and answered, and in what order. */
  readonly answered: Packet[] = [];
  /** Sent, and never answered: it is sent again before anything else. */
  unanswered: Packet | null = null;
  private readonly packets: Iterator<Packet, undefined>;

  constructor(
    readonly name: string,
    namespace: string,
    private readonly token: string,
    { way, runs }: { way: Packet['way']; runs: number },
  ) {
    this.packets = packetsOf(name, namespace, way, runs);
  }

  /** All that was ever sent, in its order. */
  get sent(): readonly Packet[] {
    return this.unanswered === null ? this.answered : [...this.answered, this.unanswered];
  }

  /** Sends until nobody answers; `onAnswer` after each answer. */
  async sendUntilCut(address: string, onAnswer: () => void): Promise<void> {
    for (;;) {
      this.unanswered ??= this.packets.next().value ?? null;
      if (!(await this.sendOne(address))) return;
      onAnswer();
    }
  }

  /** Sends what was not answered, and no more. Throws when that is not answered. */
  async sendAgain(address: string): Promise<void> {
    if (this.unanswered !== null && !(await this.sendOne(address))) throw new Error(`${this.name} was not answered.`);
  }

  /** Whether it was answered; an answer is that all was taken. */
  private async sendOne(address: string): Promise<boolean> {
    const packet = this.unanswered;
    if (packet === null) return true;
    const answer = await post(address, this.token, packet);
    if (answer === null) return false;
    if (answer.status !== (packet.way === 'single' ? 201 : 204))
      throw new Error(`${this.name} was answered ${answer.status}: ${answer.text}`);
    this.answered.push(packet);
    this.unanswered = null;
    return true;
  }
}

/** The whole answer; null: there was none, or not all of it. */
async function post(address: string, token: string, { way, events }: Packet) {
  try {
    const response = await fetch(`${address}/api/v1/lineage${way === 'single' ? '' : '/batch'}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': way === 'lines' ? 'application/x-ndjson' : 'application/json',
      },
      body:
        way === 'lines'
          ? events.map((event) => JSON.stringify(event)).join('\n')
          : JSON.stringify(way === 'single' ? events[0] : events),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return null;
  }
}

/** Without an end: a kill, and not how fast anything is, ends what is sent. */
function* packetsOf(name: string, namespace: string, way: Packet['way'], runs: number): Generator<Packet, undefined> {
  for (let first = 0; ; first += runs) {
    const both = Array.from({ length: runs }, (_, at) => runOf(name, namespace, first + at));
    // As some producers do: all that began, then all that ended.
    const events = [...both.map(([began]) => began), ...both.map(([, ended]) => ended)];
    const together = way === 'single' ? events.map((event) => [event]) : [events];
    for (const each of together) yield { way, events: each, digests: each.map((event) => parseEvent(event).digest) };
  }
}

const RUNS_OF_A_JOB = 3;
/** Every so many runs one tells how good what it read was. */
const MEASURED = 5;

/** The beginning and the end of a run that reads what all read, and writes a table that its job alone writes. */
function runOf(name: string, namespace: string, number: number): [began: Event, ended: Event] {
  const job = `${name}-${Math.floor(number / RUNS_OF_A_JOB)}`;
  const [runId, time] = [randomUUID(), Date.UTC(2026, 9, 1) + number * 10_000];
  const at = (offset: number): string => new Date(time + offset).toISOString();
  const output = datasetOf(namespace, `${job}-out`, ['id', `column ${number % RUNS_OF_A_JOB}`], {
    columnLineage: facetOf({
      fields: { id: { inputFields: [{ namespace, name: 'read by all', field: 'id' }] } },
    }),
  });
  const input = {
    ...datasetOf(namespace, 'read by all', ['id', 'amount'], {
      version: facetOf({ datasetVersion: `v${number % 7}` }),
    }),
    ...(number % MEASURED === 0 && {
      inputFacets: {
        dataQualityAssertions: facetOf({ assertions: [{ assertion: 'not_null', success: true, column: 'id' }] }),
      },
    }),
  };
  const of = { job, namespace, runId };
  return [
    runEvent({
      ...of,
      ...{ type: 'START', at: at(0), inputs: [datasetOf(namespace, `${name}-in`)] },
      runFacets: { nominalTime: facetOf({ nominalStartTime: at(0) }) },
    }),
    runEvent({
      ...of,
      at: at(5_000),
      inputs: [input],
      outputs: [{ ...output, outputFacets: { outputStatistics: facetOf({ rowCount: number, size: 8 * number }) } }],
    }),
  ];
}
