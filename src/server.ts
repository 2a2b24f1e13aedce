import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify';
import { Kind, OperationTypeNode } from 'graphql';
import type { Logger } from 'pino';
import type { Actor } from './auth/actor.js';
import type { Config } from './config/config.js';
import { badInput, ErrorCode, WeftlineError } from './errors.js';
import { beyondExact, inexactIn } from './json/exact-numbers.js';
import { executeOnlyAdmitted, forbidCaching, keepConsistent, logFaults } from './graphql/door/apollo.plugins.js';
import type { Context } from './graphql/context.js';
import { type Admitted, Door } from './graphql/door/door.js';
import { formatError } from './graphql/door/errors.js';
import { Loaders } from './graphql/loaders.js';
import type { OperationLimits } from './graphql/limits/limits.js';
import { writeAnswer } from './graphql/limits/response-budget.js';
import { DEFAULT_PAGE, MAX_PAGE } from './graphql/page.js';
import { pathOf } from './http/address.js';
import { registerAuditExport } from './http/audit.routes.js';
import { actorOf, authenticateCallers, callerOf, refuse, requestId } from './http/caller.js';
import { type BodyLimits, boundBodies, keepLargeBodiesToFields, tooLarge } from './http/bodies.js';
import { admittedOf, guardGraphql } from './http/door.js';
import { registerLineageExport } from './http/lineage-export.routes.js';
import { registerOpenlineage } from './http/openlineage.routes.js';
import { refuseAll, registerOperations } from './http/operations.routes.js';
import { registerSchemas } from './http/schemas.routes.js';
import { registerStream } from './http/stream.routes.js';
import type { Metrics } from './metrics.js';
import { ReadBudget } from './neo4j/read-budget.js';
import { registerWeb } from './web/web.routes.js';
import type { Weftline } from './wiring/wire.js';

const STOPPING = 'The server is stopping. Ask again in a moment, or ask another one.';

export interface ServerParts {
  weftline: Weftline;
  config: Pick<Config, 'limits' | 'introspection'>;
  metrics: Metrics;
  logger: Logger;
  /** Why the database cannot serve now; null when it can. */
  whyDatabaseNotReady: () => Promise<string | null>;
  /** What was wrong at the start while the server serves all the same, for /readyz. Not given: nothing was. */
  remarks?: readonly string[];
  /** Why no request is served any more, whatever it asks; null while they are. Not given: they always are. */
  refusal?: () => string | null;
}

export interface Server {
  app: FastifyInstance;
  /** Answers what is open, refuses what is new, ends streams. */
  close: () => Promise<void>;
}

/** The HTTP server, not yet listening: tests use it as it is, main.ts makes it listen. */
export async function createServer(parts: ServerParts): Promise<Server> {
  const { weftline, config, logger, metrics } = parts;
  const closing = new AbortController();
  // Named by its interface: with pino's own type the instance would not fit fastify's plugins.
  const loggerInstance: FastifyBaseLogger = logger;
  const app = fastify({
    loggerInstance,
    genReqId: (request) => requestId(request.headers),
    bodyLimit: Math.max(config.limits.bodyBytes, config.limits.fieldsBodyBytes),
    requestTimeout: 60_000,
    keepAliveTimeout: 30_000,
    logController: new LogController({ disableRequestLogging: true }),
    // Fastify's own answer would repeat the address, and no hook has looked yet whether that holds a token.
    frameworkErrors: (_error, _request, reply) =>
      void refuse(reply, 400, ErrorCode.BAD_USER_INPUT, 'The address cannot be read. GraphQL is at /graphql.'),
    forceCloseConnections: 'idle',
    // Keys of JSON are data, also those that JavaScript has a use for.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    // Fastify's own answer while it closes is none that a GraphQL client can read: the hook below refuses in its place.
    return503OnClosing: false,
  });
  readExactly(app);
  answerErrors(app, logger, config.limits);
  logRequests(app, logger);
  refuseAll(app, () => parts.refusal?.() ?? (closing.signal.aborted ? STOPPING : null));
  authenticateCallers(app, weftline.signIn, weftline.consistency);
  registerOperations(app, {
    metrics,
    remarks: async () => [...(parts.remarks ?? []), ...(await weftline.policyRemarks.all())],
    whyNotReady: () => (closing.signal.aborted ? Promise.resolve(STOPPING) : parts.whyDatabaseNotReady()),
  });
  registerAuditExport(app, weftline.auditExport);
  const { lineageBodyBytes, bodyBytes } = config.limits;
  registerOpenlineage(app, weftline.intake, { most: lineageBodyBytes, usual: bodyBytes });
  registerLineageExport(app, weftline.lineageExport);
  registerSchemas(app, new URL('../schema/openlineage/', import.meta.url).pathname);
  await registerWeb(app, { operationsDirectory: new URL('../schema/operations/', import.meta.url).pathname });

  const { feeds, schema, consistency } = weftline;
  const rules = { maxTokens: config.limits.tokens, introspection: config.introspection };
  boundBodies(app, config.limits);
  guardGraphql(app, new Door(schema, rules, operationLimits(config)), metrics);
  keepLargeBodiesToFields(app, config.limits);
  const contextFor = (actor: Context['actor'], request: FastifyRequest, signal: AbortSignal): Context => ({
    actor: withBudget(actor, admittedOf(request), config.limits.responseBytes),
    admitted: admittedOf(request),
    loaders: new Loaders(),
    reach: async (tokens) => {
      await consistency.reach(actor.origin, tokens);
      // Who calls may follow from what was waited for.
      if (tokens.length > 0) become(actor, await callerOf(weftline.signIn, request, true));
    },
    signal,
    feeds,
  });
  const contextOf = async (request: FastifyRequest, signal: AbortSignal): Promise<Context> =>
    contextFor(await callerOf(weftline.signIn, request), request, signal);
  registerStream(app, {
    schema,
    maxStreams: config.limits.streams,
    maxResponseBytes: config.limits.responseBytes,
    metrics,
    logger,
    contextOf,
    closing: closing.signal,
    now: weftline.now,
  });

  const apollo = new ApolloServer<Context>({
    schema,
    includeStacktraceInErrorResponses: false,
    // The door has validated the document, and what it never saw is not executed.
    dangerouslyDisableValidation: true,
    persistedQueries: false,
    executionOptions: { maxCoercionErrors: 1 },
    parseOptions: { maxLexicalTokens: config.limits.tokens },
    formatError,
    stringifyResult: async (answer) => `${await writeAnswer(answer, config.limits.responseBytes)}\n`,
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
    stopOnTerminationSignals: false,
    plugins: [
      fastifyApolloDrainPlugin(app),
      executeOnlyAdmitted(),
      keepConsistent(consistency),
      ApolloServerPluginCacheControlDisabled(),
      forbidCaching(),
      logFaults(logger),
      measure(metrics),
    ],
  });
  await apollo.start();
  await app.register(fastifyApollo(apollo), {
    path: '/graphql',
    method: ['GET', 'POST', 'OPTIONS'],
    context: (request: FastifyRequest) => Promise.resolve(contextFor(actorOf(request), request, closing.signal)),
  } as never);

  const close = async (): Promise<void> => {
    closing.abort();
    // A connection that was busy when the server began to stop is kept alive by its client: it is closed once idle.
    const sweep = setInterval(() => app.server.closeIdleConnections(), 100);
    try {
      await apollo.stop();
      await app.close();
      await weftline.signInFailures.close();
    } finally {
      clearInterval(sweep);
    }
  };
  return { app, close };
}

/** JSON whose numbers are kept as they are written, or refused by name. */
function readExactly(app: FastifyInstance): void {
  const read = app.getDefaultJsonParser('ignore', 'ignore');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    void read(request, text, (error, body) => {
      const fault = error === null ? inexactIn(text) : null;
      done(fault === null ? error : badInput(`The number at ${fault.at} ${beyondExact(fault.digits)}`), body);
    });
  });
}

function operationLimits({ limits }: Pick<Config, 'limits'>): OperationLimits {
  return {
    maxDepth: limits.depth,
    maxAliases: limits.aliases,
    maxRootFields: limits.rootFields,
    maxCost: limits.cost,
    maxPageSize: MAX_PAGE,
    defaultPageSize: DEFAULT_PAGE,
    // Pages are seldom full, and the answer itself is counted too: only what is far too much is not begun.
    maxBytes: 4 * limits.responseBytes,
  };
}

/** The caller as they are now, for all that has the actor in hand. */
function become(actor: Actor, present: Actor): void {
  Object.assign(actor, present, { origin: actor.origin });
}

/** An answer is made of what was read, much of which it does not hold: names and rights of assets, both ends of a list. */
const READ_FOR_EACH_BYTE = 8;

/** What a subscription follows it reads for as long as it is open: only its answers have a limit. */
function withBudget(actor: Actor, admitted: Admitted | null, responseBytes: number): Actor {
  if (admitted?.operation.operation !== OperationTypeNode.SUBSCRIPTION) {
    actor.origin.budget = new ReadBudget(responseBytes * READ_FOR_EACH_BYTE);
  }
  return actor;
}

/** Errors of HTTP itself in the shape GraphQL clients read; what is not ours to show is masked and logged. */
function answerErrors(app: FastifyInstance, logger: Logger, limits: BodyLimits): void {
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (error instanceof WeftlineError) return refuse(reply, statusOf(error.code), error.code, error.message);
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      return refuse(reply, 413, ErrorCode.LIMIT_EXCEEDED, tooLarge(request, limits));
    }
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return refuse(reply, error.statusCode, ErrorCode.BAD_USER_INPUT, error.message);
    }
    logger.error({ requestId: request.id, err: error }, 'A request failed on our side.');
    return refuse(
      reply,
      500,
      ErrorCode.INTERNAL,
      `Something went wrong on our side. The server log has the cause under ${request.id}.`,
    );
  });
  app.setNotFoundHandler((request, reply) =>
    refuse(
      reply,
      404,
      ErrorCode.NOT_FOUND,
      `There is nothing at ${request.method} ${pathOf(request.url)}. GraphQL is at /graphql.`,
    ),
  );
}

function statusOf(code: ErrorCode): number {
  if (code === ErrorCode.UNAUTHENTICATED) return 401;
  if (code === ErrorCode.LIMIT_EXCEEDED) return 429;
  return code === ErrorCode.UNAVAILABLE ? 503 : 400;
}

/** One line a request: no header, no query string, no body, so no secret. */
function logRequests(app: FastifyInstance, logger: Logger): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const path = pathOf(request.url);
    const facts = {
      requestId: request.id,
      method,
      path,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      actor: request.actor?.id ?? null,
    };
    logger[path === '/healthz' || path === '/readyz' || path === '/metrics' ? 'debug' : 'info'](facts, 'answered');
    return Promise.resolve();
  });
}

/** Counts and times operations under the name of their first root field: the schema bounds how many there are. */
function measure(metrics: Metrics): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () => {
      const started = performance.now();
      let name = 'none';
      return Promise.resolve({
        didResolveOperation({ operation }) {
          const first = operation?.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD);
          name = first ? first.name.value : 'fragment';
          return Promise.resolve();
        },
        willSendResponse({ errors }) {
          metrics.operationAnswered(
            name,
            errors && errors.length > 0 ? 'errors' : 'ok',
            (performance.now() - started) / 1000,
          );
          return Promise.resolve();
        },
      });
    },
  };
}
