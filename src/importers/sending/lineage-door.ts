import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import { SetupError } from '../../neo4j/setup-error.js';
import type { WrittenEvent } from './batches.js';

const compressed = promisify(gzip);

/** What a server refused of a batch. */
export interface Refusal {
  index: number;
  reason: string;
  retriable: boolean;
}

/** The answer of the specification to a batch (OpenLineage.yml); what else stands in it is nobody's business here. */
const ANSWER = z.object({
  failed_events: z
    .array(
      z.object({
        index: z.int().nonnegative(),
        reason: z.string().default('it did not say why'),
        retriable: z.boolean().default(false),
      }),
    )
    .default([]),
});

/** How often a batch is tried, the first time included, and how long is waited at most before the next. */
const MOST_TRIES = 6;
const LONGEST_WAIT_MS = 60_000;
/** A server that takes longer for a batch has hung. */
const ANSWER_WITHIN_MS = 300_000;
const LONGEST_ANSWER = 1_000_000;

/** Answers that mean "later": the server is busy, starting, or behind a proxy that does not reach it just now. */
const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The server takes nothing now, and may later. */
export class DoorClosed extends SetupError {}

/** The place of a server where batches of events go. */
export class LineageDoor {
  private readonly address: URL;
  private readonly token: string;
  private readonly signal: AbortSignal;
  private readonly wait: (ms: number) => Promise<void>;

  /** `wait` is the clock of tests. */
  constructor(options: { server: URL; token: string; signal: AbortSignal; wait?: (ms: number) => Promise<void> }) {
    this.address = new URL('/api/v1/lineage/batch', options.server);
    this.token = options.token;
    this.signal = options.signal;
    this.wait = options.wait ?? ((ms) => sleep(ms, undefined, { signal: this.signal }));
  }

  /**
   * Sends a batch, and what the server would take later once more. Answers what it refused for good; throws SetupError where it
   * takes nothing.
   */
  async send(batch: readonly WrittenEvent[]): Promise<Refusal[]> {
    const refused: Refusal[] = [];
    let open = batch.map((event, index) => ({ event, index }));
    for (let tries = 1; open.length > 0; tries += 1) {
      const body = await compressed(`[${open.map(({ event }) => event.json).join(',')}]`);
      const answer = await this.ask(body);
      const last = tries === MOST_TRIES;
      if (answer.later !== null && last) throw new DoorClosed(`${answer.later.why} It was tried ${tries} times.`);
      if (answer.later === null) {
        const failed = answer.failed.flatMap(({ index, ...told }) => {
          const asked = open[index];
          return asked === undefined ? [] : [{ ...asked, ...told }];
        });
        refused.push(...failed.filter(({ retriable }) => last || !retriable).map(({ event: _, ...told }) => told));
        open = last ? [] : failed.filter(({ retriable }) => retriable);
      }
      if (open.length > 0) await this.pause(answer.later?.afterMs ?? null, tries);
    }
    return refused.sort((one, other) => one.index - other.index);
  }

  private async pause(asked: number | null, tries: number): Promise<void> {
    await this.wait(Math.min(asked ?? 500 * 2 ** (tries - 1), LONGEST_WAIT_MS));
    this.signal.throwIfAborted();
  }

  private async ask(
    body: Buffer,
  ): Promise<{ later: null; failed: Refusal[] } | { later: { why: string; afterMs: number | null } }> {
    let response: Response;
    try {
      response = await fetch(this.address, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.token}`,
          'content-type': 'application/json',
          'content-encoding': 'gzip',
        },
        body: new Uint8Array(body),
        redirect: 'error',
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
    } catch (cause) {
      this.signal.throwIfAborted();
      return { later: { why: `${this.address.origin} cannot be reached: ${causeIn(cause)}.`, afterMs: null } };
    }
    const text = await bodyOf(response);
    if (LATER.has(response.status)) {
      const why = `${this.address.origin} takes nothing now (${response.status}).`;
      return { later: { why, afterMs: millisecondsOf(response.headers.get('retry-after')) } };
    }
    if (!response.ok) throw new SetupError(refusalOf(response.status, this.address, text));
    return { later: null, failed: failedIn(response.status, text) };
  }
}

/** What of an answer is read: no server has more to say of a batch. */
async function bodyOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += (chunk as Uint8Array).byteLength;
      if (bytes > LONGEST_ANSWER) return '';
      chunks.push(chunk as Uint8Array);
    }
  } catch {
    return '';
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failedIn(status: number, text: string): Refusal[] {
  if (status !== 200 || text.trim() === '') return [];
  const answer = ANSWER.safeParse(jsonOf(text));
  if (!answer.success)
    throw new SetupError('The server took a batch and answered what is no answer of OpenLineage to it.');
  return answer.data.failed_events;
}

function refusalOf(status: number, address: URL, text: string): string {
  if (status === 404) return `${address.origin} takes no OpenLineage events: there is no ${address.pathname}.`;
  if (status === 401) return 'The server does not know this token (401). Give one of scope write or report.';
  return `The server refused (${status}): ${messageIn(jsonOf(text)) ?? 'it did not say why.'}`;
}

const TOLD = z.union([
  z.object({ errors: z.array(z.object({ message: z.string() })).min(1) }).transform(({ errors }) => errors[0]?.message),
  z.object({ message: z.string() }).transform(({ message }) => message),
]);

function messageIn(answer: unknown): string | null {
  const told = TOLD.safeParse(answer);
  return told.success ? (told.data?.slice(0, 1_000) ?? null) : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Seconds, or a date; null for what is neither. */
function millisecondsOf(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  if (/^\d{1,9}$/.test(retryAfter.trim())) return Number(retryAfter) * 1_000;
  const until = Date.parse(retryAfter);
  return Number.isNaN(until) ? null : Math.max(0, until - Date.now());
}

const causeIn = (error: unknown): string =>
  error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
