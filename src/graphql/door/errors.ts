import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ErrorCode, WeftlineError } from '../../errors.js';
import { shorten } from '../limits/input-bounds.js';

/** Codes of the GraphQL layer itself, all of them faults of the request, as the one code clients know. */
const REQUEST_FAULTS = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** Characters. Messages of graphql repeat what they refuse, however long it is. */
const LONGEST_MESSAGE = 1_000;

const MASKED =
  'Something went wrong on our side; nothing half-done was kept. The server log has the cause under the x-request-id of this answer.';

/**
 * What a client gets of an error: our own errors as they are, faults of the request with a stable code, and of
 * everything else only that it happened. Apollo alone would send the raw message, in production too.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const shown = unmasked(formatted, error);
  return { ...shown, message: shorten(shown.message, LONGEST_MESSAGE) };
}

/** The same for an error that no server has formatted yet. `code` counts where the error has none, or one of GraphQL. */
export function presentError(error: GraphQLError, code?: string): GraphQLFormattedError {
  const formatted = error.toJSON();
  const given = code ? { ...formatted.extensions, code } : formatted.extensions;
  const { extensions, ...shown } = formatError({ ...formatted, ...(given ? { extensions: given } : {}) }, error);
  const { http: _, ...facts } = extensions ?? {};
  return { ...shown, extensions: facts };
}

function unmasked(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const { locations, path } = formatted;
  const place = { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
  const cause = weftlineCauseOf(error);
  if (cause) return { message: cause.message, ...place, extensions: { code: cause.code, ...cause.facts } };
  const code = formatted.extensions?.['code'];
  if (typeof code === 'string' && REQUEST_FAULTS.has(code)) {
    return { message: formatted.message, ...place, extensions: { code: requestFault(formatted.message) } };
  }
  if (typeof code === 'string' && code in ErrorCode && code !== ErrorCode.INTERNAL) {
    const { stacktrace: _, ...extensions } = formatted.extensions ?? {};
    return { message: formatted.message, ...place, extensions };
  }
  return { message: MASKED, ...place, extensions: { code: ErrorCode.INTERNAL } };
}

/** Our own error behind what GraphQL made of it; null when it is not one of ours. */
export function weftlineCauseOf(error: unknown): WeftlineError | null {
  if (error instanceof WeftlineError) return error;
  const cause = unwrapResolverError(error);
  if (cause instanceof WeftlineError) return cause;
  return cause instanceof GraphQLError && cause.originalError instanceof WeftlineError ? cause.originalError : null;
}

function requestFault(message: string): ErrorCode {
  return /more that? \d+ tokens|Maximum introspection depth/i.test(message) ||
    message.includes('tokens. Parsing aborted')
    ? ErrorCode.LIMIT_EXCEEDED
    : ErrorCode.BAD_USER_INPUT;
}
