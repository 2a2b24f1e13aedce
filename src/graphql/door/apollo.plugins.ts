import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';
import type { Logger } from 'pino';
import { ErrorCode, WeftlineError } from '../../errors.js';
import { CONSISTENCY_HEADER, type Consistency, tokensInExtensions } from '../consistency.js';
import type { Context } from '../context.js';
import { weftlineCauseOf } from './errors.js';

/**
 * Executes what the door let in and nothing else. Apollo reads the request a second time: if it ever read it otherwise, as
 * two readers of one address may, nothing is executed.
 */
export function executeOnlyAdmitted(): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation({ request, operation, contextValue: { admitted } }) {
          const isSame =
            admitted !== null &&
            request.query === admitted.query &&
            (request.operationName ?? null) === admitted.operationName &&
            operation?.operation === admitted.operation.operation;
          if (!isSame) throw new Error('Apollo has read another request than the door.');
          // As the door read them: what was checked is what counts.
          request.variables = admitted.variables;
          return Promise.resolve();
        },
      }),
  };
}

const STATUS_OF: Readonly<Record<string, number>> = { [ErrorCode.UNAVAILABLE]: 503, [ErrorCode.UNAUTHENTICATED]: 401 };

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
            const http = { status: STATUS_OF[error.code] ?? 400 };
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

/** Logs what went wrong on our side, once, with what leads back to it. */
export function logFaults(logger: Logger): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didEncounterErrors({ errors, contextValue, operationName }) {
          const { requestId } = contextValue.actor.origin;
          for (const error of errors) logFault(logger, error, { requestId, operation: operationName ?? null });
          return Promise.resolve();
        },
      }),
  };
}

/** The cause of an error that clients get masked, or as an outage; refusals of a caller are no news. */
export function logFault(
  logger: Logger,
  error: GraphQLError,
  { requestId, operation }: { requestId: string; operation: string | null },
): void {
  const cause = weftlineCauseOf(error);
  if (cause?.code === ErrorCode.UNAVAILABLE) {
    logger.warn({ requestId, operation, err: cause.cause ?? cause }, 'Neo4j could not answer.');
  } else if (!cause && error.originalError && !('code' in error.extensions)) {
    logger.error({ requestId, operation, path: error.path, err: error.originalError }, 'A request failed on our side.');
  }
}
