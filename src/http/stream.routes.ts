import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  createSourceEventStream,
  execute,
  GraphQLError,
  OperationTypeNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/fastify';
import type { Logger } from 'pino';
import { hasSamePermissions } from '../auth/actor.js';
import { ErrorCode, forbidden, unauthenticated, WeftlineError } from '../errors.js';
import { tokensInExtensions } from '../graphql/consistency.js';
import type { Context } from '../graphql/context.js';
import { logFault } from '../graphql/door/apollo.plugins.js';
import { presentError } from '../graphql/door/errors.js';
import { answerWithin } from '../graphql/limits/response-budget.js';
import type { Metrics } from '../metrics.js';
import { actorOf, refuse } from './caller.js';
import { admittedOf } from './door.js';
import { abortedAt } from './expiry.js';

export interface StreamOptions {
  schema: GraphQLSchema;
  maxStreams: number;
  maxResponseBytes: number;
  metrics: Metrics;
  logger: Logger;
  /** The context of one event: who calls is established anew, so a revoked token ends the stream. */
  contextOf: (request: FastifyRequest, signal: AbortSignal) => Promise<Context>;
  /** Aborted when the server stops. */
  closing: AbortSignal;
  /** The clock by which sign-ins end. */
  now: () => Date;
}

/** What ends a stream from outside: `any` of all reasons, and of these `expired`: the sign-in it was opened with has ended. */
interface Ends {
  any: AbortSignal;
  expired: AbortSignal;
}

/** Subscriptions over server-sent events: POST /graphql/stream with `accept: text/event-stream` (graphql-sse, distinct connections). */
export function registerStream(app: FastifyInstance, options: StreamOptions): void {
  const open = new Map<string, number>();
  const endings = new WeakMap<object, Ends>();
  const handler = createHandler<never>({
    schema: options.schema,
    // Every stream is of its own connection. The tokens by which graphql-sse joins several are not read.
    authenticate: () => null,
    // What it reads of the request itself is left aside: the door has read it, and let this in.
    onSubscribe: async ({ raw }) => {
      const ends = endings.get(raw) ?? { any: options.closing, expired: new AbortController().signal };
      const { document, operation, operationName, variables, extensions } = admittedOf(raw);
      const present = presenter(options.logger, { requestId: raw.id, operation: operation.name?.value ?? null });
      const within = (answer: ExecutionResult): Promise<ExecutionResult> =>
        answerWithin(answer as FormattedExecutionResult, options.maxResponseBytes) as Promise<ExecutionResult>;
      const contextValue = await options.contextOf(raw, ends.any);
      const refusal = await notReached(contextValue, extensions);
      if (refusal) return asResponse(present(refusal));
      const args: ExecutionArgs = {
        schema: options.schema,
        document,
        operationName,
        variableValues: variables,
        contextValue,
        options: { maxCoercionErrors: 1 },
      };
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
        return asResponse(await within(present(await execute(args))));
      }
      const events = await subscribeFresh(args, () => options.contextOf(raw, ends.any), ends.expired);
      return Symbol.asyncIterator in events
        ? (presentAll(events, async (event) => within(present(event))) as never)
        : asResponse(present(events));
    },
  });

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql/stream',
    handler: async (request, reply) => {
      if (!request.headers.accept?.includes('text/event-stream')) {
        await refuse(
          reply,
          406,
          ErrorCode.BAD_USER_INPUT,
          'Subscriptions are streams: send "accept: text/event-stream".',
        );
        return;
      }
      // graphql-sse knows only these words, and no others that mean the same.
      Object.assign(request.headers, { accept: 'text/event-stream', 'content-type': 'application/json' });
      const who = actorOf(request).id ?? 'anonymous';
      const count = open.get(who) ?? 0;
      if (count >= options.maxStreams) {
        throw new WeftlineError(
          ErrorCode.LIMIT_EXCEEDED,
          `You have ${count} streams open; at most ${options.maxStreams} are possible. Close one first.`,
        );
      }
      open.set(who, count + 1);
      options.metrics.streamOpened();
      const gone = new AbortController();
      const expiry = abortedAt(actorOf(request).expiresAt, options.now);
      const any = AbortSignal.any([gone.signal, options.closing, expiry.signal]);
      endings.set(request, { any, expired: expiry.signal });
      reply.raw.once('close', () => {
        gone.abort();
        expiry.cancel();
        options.metrics.streamClosed();
        const left = (open.get(who) ?? 1) - 1;
        if (left > 0) open.set(who, left);
        else open.delete(who);
      });
      await handler(request, reply);
    },
  });
}

const STATUS_OF: Readonly<Record<string, number>> = {
  [ErrorCode.UNAUTHENTICATED]: 401,
  [ErrorCode.FORBIDDEN]: 403,
  [ErrorCode.UNAVAILABLE]: 503,
  [ErrorCode.INTERNAL]: 500,
};

/** What is refused before it begins is answered as HTTP does, not as a stream of one error. */
function asResponse(
  result: ExecutionResult,
): [string, { status: number; statusText: string; headers: Record<string, string> }] {
  const code = result.errors?.[0]?.extensions['code'];
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  if (!result.errors) return [JSON.stringify(result), { status: 200, statusText: 'OK', headers }];
  const status = STATUS_OF[String(code)] ?? 400;
  return [JSON.stringify(result), { status, statusText: 'Refused', headers }];
}

/** Waits for the consistency tokens of the request; says why they could not be reached, or null. */
async function notReached(context: Context, extensions: unknown): Promise<ExecutionResult | null> {
  try {
    await context.reach(tokensInExtensions(extensions));
    return null;
  } catch (error) {
    return { errors: [asGraphqlError(error)] };
  }
}

/**
 * Executes each event with a context of its own: loaders must not answer from what was true before the event, and the
 * rules judge who the caller is now. graphql 16 itself hands every event the first context.
 */
async function subscribeFresh(
  args: ExecutionArgs,
  contextOf: () => Promise<Context>,
  expired: AbortSignal,
): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  return (async function* () {
    try {
      for await (const rootValue of source) {
        const contextValue = await contextOf();
        // The source was opened by who the caller then was, and reads as them.
        if (!hasSamePermissions((args.contextValue as Context).actor, contextValue.actor)) throw standingChanged();
        yield await execute({ ...args, rootValue, contextValue });
      }
      if (expired.aborted) throw unauthenticated('Your sign-in has ended. Open the stream again with a valid token.');
    } catch (error) {
      yield { errors: [asGraphqlError(error)] };
    }
  })();
}

const standingChanged = (): Error =>
  forbidden(
    'Your teams, role or scopes have changed since this stream was opened. Open it again after your last cursor.',
  );

const asGraphqlError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError('failed', { originalError: error as Error });

type Present = (result: ExecutionResult) => ExecutionResult;

/** Masks errors as /graphql does, and logs as it does what is masked. */
const presenter =
  (logger: Logger, of: { requestId: string; operation: string | null }): Present =>
  (result) => {
    if (!result.errors) return result;
    for (const error of result.errors) logFault(logger, error, of);
    // Written as JSON and nothing else.
    return { ...result, errors: result.errors.map((error) => presentError(error)) as unknown as GraphQLError[] };
  };

async function* presentAll(
  events: AsyncIterable<ExecutionResult>,
  present: (event: ExecutionResult) => Promise<ExecutionResult>,
): AsyncGenerator<ExecutionResult> {
  for await (const event of events) yield await present(event);
}
