import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  createSourceEventStream,
  execute,
  GraphQLError,
  OperationTypeNode,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/fastify';
import { hasSameStanding } from '../auth/actor.js';
import { ErrorCode, forbidden, unauthenticated, WeftlineError } from '../errors.js';
import { tokensInExtensions } from '../graphql/consistency.js';
import type { Context } from '../graphql/context.js';
import { formatError } from '../graphql/errors.js';
import { checkOperation, type OperationLimits } from '../graphql/limits.js';
import type { Metrics } from '../metrics.js';
import { actorOf, refuse } from './caller.js';
import { abortedAt } from './expiry.js';

export interface StreamOptions {
  schema: GraphQLSchema;
  limits: OperationLimits & { maxTokens: number; maxStreams: number };
  metrics: Metrics;
  /** The context of one event: who calls is established anew, so a revoked token ends the stream. */
  contextOf: (request: FastifyRequest, signal: AbortSignal) => Promise<Context>;
  /** Aborted when the server stops. */
  closing: AbortSignal;
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
    onSubscribe: async (request, params) => {
      const raw = request.raw;
      const ends = endings.get(raw) ?? { any: options.closing, expired: new AbortController().signal };
      const document = prepare(options, params);
      if (!('kind' in document)) return asResponse(document);
      const contextValue = await options.contextOf(raw, ends.any);
      const refusal = await notReached(contextValue, params.extensions);
      if (refusal) return asResponse(refusal);
      const args: ExecutionArgs = {
        schema: options.schema,
        document,
        operationName: params.operationName,
        variableValues: params.variables,
        contextValue,
      };
      const events = await subscribeFresh(args, () => options.contextOf(raw, ends.any), ends.expired);
      return Symbol.asyncIterator in events ? (events as never) : asResponse(events);
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
      const who = actorOf(request).id ?? 'anonymous';
      const count = open.get(who) ?? 0;
      if (count >= options.limits.maxStreams) {
        throw new WeftlineError(
          ErrorCode.LIMIT_EXCEEDED,
          `You have ${count} streams open; at most ${options.limits.maxStreams} are possible. Close one first.`,
        );
      }
      open.set(who, count + 1);
      options.metrics.streamOpened();
      const gone = new AbortController();
      const expiry = abortedAt(actorOf(request).expiresAt);
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

/** Parses, validates and measures as Apollo does for /graphql, or says in one result why not. */
function prepare(
  options: StreamOptions,
  params: {
    query: unknown;
    operationName?: string | null | undefined;
    variables?: Record<string, unknown> | null | undefined;
  },
): DocumentNode | ExecutionResult {
  try {
    const document = parse(String(params.query), { maxLexicalTokens: options.limits.maxTokens });
    const faults = validate(options.schema, document, specifiedRules);
    if (faults.length > 0) return { errors: faults.map((fault) => present(fault, 'GRAPHQL_VALIDATION_FAILED')) };
    const refusal = checkOperation(
      options.schema,
      document,
      params.operationName,
      params.variables ?? {},
      options.limits,
    );
    if (refusal) return { errors: [present(refusal)] };
    if (!getOperationAST(document, params.operationName)) {
      return {
        errors: [
          present(
            new GraphQLError('Which operation is meant cannot be told: give `operationName`.'),
            'OPERATION_RESOLUTION_FAILURE',
          ),
        ],
      };
    }
    return document;
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [present(error, 'GRAPHQL_PARSE_FAILED')] };
    throw error;
  }
}

/** Waits for the consistency tokens of the request; says why they could not be reached, or null. */
async function notReached(context: Context, extensions: unknown): Promise<ExecutionResult | null> {
  try {
    await context.reach(tokensInExtensions(extensions));
    return null;
  } catch (error) {
    return { errors: [present(new GraphQLError('failed', { originalError: error as Error }))] };
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
  const operation = getOperationAST(args.document, args.operationName);
  if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return presentResult(await execute(args));
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return presentResult(source);
  return (async function* () {
    try {
      for await (const rootValue of source) {
        const contextValue = await contextOf();
        // The source was opened by who the caller then was, and reads as them.
        if (!hasSameStanding((args.contextValue as Context).actor, contextValue.actor)) throw standingChanged();
        yield presentResult(await execute({ ...args, rootValue, contextValue }));
      }
      if (expired.aborted) throw unauthenticated('Your sign-in has ended. Open the stream again with a valid token.');
    } catch (error) {
      yield {
        errors: [
          present(
            error instanceof GraphQLError ? error : new GraphQLError('failed', { originalError: error as Error }),
          ),
        ],
      };
    }
  })();
}

const standingChanged = (): Error =>
  forbidden(
    'Your teams, role or scopes have changed since this stream was opened. Open it again after your last cursor.',
  );

function presentResult(result: ExecutionResult): ExecutionResult {
  return result.errors ? { ...result, errors: result.errors.map((error) => present(error)) } : result;
}

function present(error: GraphQLError, code?: string): GraphQLError {
  const { message, locations, path, extensions } = error.toJSON();
  const given = code ? { ...extensions, code } : extensions;
  const formatted = formatError(
    {
      message,
      ...(locations ? { locations } : {}),
      ...(path ? { path } : {}),
      ...(given ? { extensions: given } : {}),
    },
    error,
  );
  const { http: _, ...shown } = formatted.extensions ?? {};
  return new GraphQLError(formatted.message, {
    nodes: error.nodes ?? null,
    path: error.path ?? null,
    extensions: shown,
  });
}
