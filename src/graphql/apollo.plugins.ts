import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, OperationTypeNode, type GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { ErrorCode, WeftlineError } from '../errors.js';
import { CONSISTENCY_HEADER, type Consistency, tokensInExtensions } from './consistency.js';
import type { Context } from './context.js';
import { weftlineCauseOf } from './errors.js';
import { checkOperation, type OperationLimits } from './limits.js';

/** Refuses an operation that asks for too much, before anything of it is executed. */
export function limitOperations(schema: GraphQLSchema, limits: OperationLimits): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation({ document, operation, operationName, request }) {
          if (operation?.operation === OperationTypeNode.SUBSCRIPTION) throw subscriptionElsewhere();
          const refusal = checkOperation(schema, document, operationName, request.variables ?? {}, limits);
          if (refusal) throw refusal;
          return Promise.resolve();
        },
      }),
  };
}

/**
 * Waits for the consistency tokens in the body before anything is read, and tells the token of each mutation, twice: as
 * header for who forwards answers, in the extensions for who reads them.
 */
export function keepConsistent(consistency: Consistency): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        async didResolveOperation({ request, contextValue }) {
          try {
            await contextValue.reach(tokensInExtensions(request.extensions));
          } catch (error) {
            if (!(error instanceof WeftlineError)) throw error;
            const http = { status: error.code === ErrorCode.UNAVAILABLE ? 503 : 400 };
            throw new GraphQLError(error.message, { originalError: error, extensions: { code: error.code, http } });
          }
        },
        willSendResponse({ operation, contextValue, response: { body, http } }) {
          const isWrite = operation?.operation === OperationTypeNode.MUTATION;
          const token = isWrite ? consistency.tokenOf(contextValue.actor.origin) : null;
          if (token === null || body.kind !== 'single') return Promise.resolve();
          http.headers.set(CONSISTENCY_HEADER, token);
          body.singleResult.extensions = { ...body.singleResult.extensions, consistency: token };
          return Promise.resolve();
        },
      }),
  };
}

/** Apollo would execute it once, without an event. */
function subscriptionElsewhere(): GraphQLError {
  return new GraphQLError('Subscriptions are served at /graphql/stream, as server-sent events (graphql-sse).', {
    extensions: { code: ErrorCode.BAD_USER_INPUT, http: { status: 405 } },
  });
}

/**
 * Nobody on the way may keep an answer: it is for one caller and one moment. Apollo would work the same out from hints on every
 * field, which takes a tenth of the time of a large answer.
 */
export function forbidCaching(): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse: ({ response }) => {
          response.http.headers.set('cache-control', 'no-store');
          return Promise.resolve();
        },
      }),
  };
}

/**
 * Clients that accept application/json get 200 with errors in the body when a document cannot be parsed, validated or
 * given its variables, as GraphQL over HTTP recommends for them; with graphql-response+json it stays 400.
 */
export function answerOldMediaType(): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        willSendResponse({ request, response, errors }) {
          const accept = request.http?.headers.get('accept') ?? '';
          const wellFormed = errors?.every((error) => isDocumentFault(error.extensions['code']));
          if (response.http.status === 400 && wellFormed && !accept.includes('application/graphql-response+json')) {
            response.http.status = 200;
          }
          return Promise.resolve();
        },
      }),
  };
}

function isDocumentFault(code: unknown): boolean {
  return code === 'GRAPHQL_PARSE_FAILED' || code === 'GRAPHQL_VALIDATION_FAILED' || code === 'BAD_USER_INPUT';
}

/** Logs what went wrong on our side, once, with what leads back to it; refusals of a caller are no news. */
export function logFaults(logger: Logger): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didEncounterErrors({ errors, contextValue, operationName }) {
          const { requestId } = contextValue.actor.origin;
          for (const error of errors) {
            const cause = weftlineCauseOf(error);
            if (cause?.code === ErrorCode.UNAVAILABLE) {
              logger.warn(
                { requestId, operation: operationName, err: cause.cause ?? cause },
                'Neo4j could not answer.',
              );
            } else if (!cause && error.originalError && !('code' in error.extensions)) {
              logger.error(
                { requestId, operation: operationName, path: error.path, err: error.originalError },
                'A request failed on our side.',
              );
            }
          }
          return Promise.resolve();
        },
      }),
  };
}
