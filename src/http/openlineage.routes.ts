import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ErrorCode, WeftlineError } from '../errors.js';
import { type SentEvent, sentEvent, sentLines, sentList } from '../openlineage/event/sent.js';
import type { IngestOutcome } from '../openlineage/ingest/ingest.port.js';
import type { EventIntake } from '../openlineage/intake/intake.service.js';
import { actorOf, refuse } from './caller.js';
import { BodyRefused, EventBodies, type EventBodyLimits } from './lineage-body.js';

const LINES = 'application/x-ndjson';
const RETRY_AFTER_SECONDS = '1';

const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  [ErrorCode.BAD_USER_INPUT]: 400,
  [ErrorCode.UNAUTHENTICATED]: 401,
  [ErrorCode.FORBIDDEN]: 403,
  [ErrorCode.NOT_FOUND]: 404,
  [ErrorCode.CONFLICT]: 409,
  [ErrorCode.STALE_REVISION]: 409,
  [ErrorCode.LIMIT_EXCEEDED]: 413,
  [ErrorCode.INTERNAL]: 500,
  [ErrorCode.UNAVAILABLE]: 503,
};

/**
 * POST /api/v1/lineage and /api/v1/lineage/batch, as OpenLineage has them: what producers send anyhow, with a URL and a token. Who
 * may not report is refused before a byte of the body is read.
 */
export function registerOpenlineage(app: FastifyInstance, intake: EventIntake, limits: EventBodyLimits): void {
  const bodies = new EventBodies(limits, intake.backlog);
  const config = { boundsItself: true };
  void app.register((door, _options, done) => {
    door.removeAllContentTypeParsers();
    // Read below: it may be as large as nothing else, and has to be inflated.
    door.addContentTypeParser(['application/json', LINES], (_request, payload, parsed) => parsed(null, payload));
    door.setErrorHandler(answerError);
    door.addHook('onRequest', async (request) => {
      intake.checkMayReport(actorOf(request));
      intake.backlog.checkRoom();
      return Promise.resolve();
    });
    const take = (request: FastifyRequest, read: Read): Promise<IngestOutcome[]> =>
      takeBody(intake, bodies, request, read);
    door.post('/api/v1/lineage', { config }, async (request, reply) => {
      if (isLines(request)) throw new BodyRefused(415, ErrorCode.BAD_USER_INPUT, 'Lines go to /api/v1/lineage/batch.');
      const [outcome] = await take(request, async (text) => [await sentEvent(text)]);
      if (!outcome) throw new Error('The event has no outcome.');
      if (outcome.ok) return reply.code(201).send();
      if (outcome.retriable) reply.header('retry-after', RETRY_AFTER_SECONDS);
      await refuse(reply, STATUS_OF[outcome.code], outcome.code, outcome.message);
      return reply;
    });
    door.post('/api/v1/lineage/batch', { config }, async (request, reply) => {
      const outcomes = await take(request, isLines(request) ? sentLines : sentList);
      return outcomes.every(({ ok }) => ok) ? reply.code(204).send() : reply.code(200).send(reportOf(outcomes));
    });
    done();
  });
}

/** Reads the body and has its events taken. A body that is refused whole is kept like an event, as far as it was read. */
async function takeBody(
  intake: EventIntake,
  bodies: EventBodies,
  request: FastifyRequest,
  read: Read,
): Promise<IngestOutcome[]> {
  const actor = actorOf(request);
  try {
    return await bodies.read(request, bodyOf(request), async (text) =>
      intake.take(actor, await readOrRefuse(text, read)),
    );
  } catch (error) {
    if (error instanceof BodyRefused) await intake.refuseBody(actor, error.code, error.message, error.body);
    throw error;
  }
}

type Read = (text: string) => SentEvent[] | Promise<SentEvent[]>;

async function readOrRefuse(text: string, read: Read): Promise<SentEvent[]> {
  try {
    return await read(text);
  } catch (error) {
    if (!(error instanceof WeftlineError)) throw error;
    const status = error.code === ErrorCode.LIMIT_EXCEEDED ? 413 : 400;
    throw new BodyRefused(status, error.code, error.message, { text, isWhole: true });
  }
}

/** The stream of the body; of a request without one, nothing. */
const bodyOf = ({ body }: FastifyRequest): Readable => (body instanceof Readable ? body : Readable.from([]));

const isLines = ({ headers }: FastifyRequest): boolean =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase() === LINES;

/** Clients of OpenLineage send again what is answered 429, 500 or 503, and nothing else. */
async function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  // What was not read to its end stands in the way of the next request.
  if (!request.raw.complete) reply.header('connection', 'close');
  if (error instanceof BodyRefused) return refuse(reply, error.status, error.code, error.message);
  if (!(error instanceof WeftlineError)) throw error;
  const { code, message } = error;
  const isFull = code === ErrorCode.LIMIT_EXCEEDED;
  if (isFull || code === ErrorCode.UNAVAILABLE) reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (code === ErrorCode.UNAUTHENTICATED) reply.header('www-authenticate', 'Bearer realm="weftline"');
  return refuse(reply, isFull ? 429 : STATUS_OF[code], code, message);
}

/** As OpenLineage.yml says. */
function reportOf(outcomes: readonly IngestOutcome[]): object {
  const failed = outcomes.flatMap((outcome, index) =>
    outcome.ok ? [] : [{ index, reason: outcome.message, retriable: outcome.retriable }],
  );
  const retriable = failed.filter((event) => event.retriable).length;
  return {
    status: 'partial_success',
    summary: {
      received: outcomes.length,
      successful: outcomes.length - failed.length,
      failed: failed.length,
      retriable,
      non_retriable: failed.length - retriable,
    },
    failed_events: failed,
  };
}
