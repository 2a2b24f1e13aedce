/**
 * Three families of error, as the person who meets them needs them told apart:
 * refused (the caller can mend it), unavailable (try again), bug (everything that is not one of ours; masked).
 */
export const ErrorCode = {
  UNAUTHENTICATED: 'UNAUTHENTICATED',
  FORBIDDEN: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  BAD_USER_INPUT: 'BAD_USER_INPUT',
  CONFLICT: 'CONFLICT',
  STALE_REVISION: 'STALE_REVISION',
  LIMIT_EXCEEDED: 'LIMIT_EXCEEDED',
  UNAVAILABLE: 'UNAVAILABLE',
  INTERNAL: 'INTERNAL',
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** An error whose message is meant for the caller: it says what happened, which value, and what to do. */
export class WeftlineError extends Error {
  override readonly name = 'WeftlineError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown; facts?: Readonly<Record<string, unknown>> },
  ) {
    super(message, options);
    this.facts = options?.facts ?? {};
  }

  /** What a program is told besides the code, as extensions of the error. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export const unauthenticated = (message: string): WeftlineError =>
  new WeftlineError(ErrorCode.UNAUTHENTICATED, message);
export const forbidden = (message: string): WeftlineError => new WeftlineError(ErrorCode.FORBIDDEN, message);
export const notFound = (message: string): WeftlineError => new WeftlineError(ErrorCode.NOT_FOUND, message);
export const badInput = (message: string): WeftlineError => new WeftlineError(ErrorCode.BAD_USER_INPUT, message);
export const conflict = (message: string): WeftlineError => new WeftlineError(ErrorCode.CONFLICT, message);
export const limitExceeded = (message: string): WeftlineError => new WeftlineError(ErrorCode.LIMIT_EXCEEDED, message);
export const staleRevision = (message: string): WeftlineError => new WeftlineError(ErrorCode.STALE_REVISION, message);
export const unavailable = (message: string, cause?: unknown): WeftlineError =>
  new WeftlineError(ErrorCode.UNAVAILABLE, message, { cause });
