import neo4j, { Neo4jError } from 'neo4j-driver';
import { badInput, unavailable } from '../errors.js';

/** A uniqueness constraint refused the write. The repository says what that means to the caller. */
export class ConstraintViolation extends Error {
  override readonly name = 'ConstraintViolation';
}

/** Trying again may help: a leader that moved, a lock that was lost, a connection that broke. */
export function isWorthRetrying(error: unknown): boolean {
  return error instanceof Neo4jError && neo4j.isRetryableError(error) && !lacksMemory(error);
}

/** The transaction failed, may be tried again, and has surely left nothing behind. */
export function isSurelyRolledBack(error: unknown): boolean {
  return (
    error instanceof Neo4jError &&
    (error.code.startsWith('Neo.TransientError.') || error.code === 'Neo.ClientError.Cluster.NotALeader') &&
    !error.code.endsWith('Terminated') &&
    !lacksMemory(error)
  );
}

/** Neo4j calls it transient, but the same work wants the same memory again. */
const lacksMemory = ({ code }: Neo4jError): boolean => code.endsWith('OutOfMemoryError');

const CONNECTION_LOST = new Set(['ServiceUnavailable', 'SessionExpired']);

/** Told apart at the statement, so that a repository can say what the refusal means. */
export function constraintRefused(error: unknown): ConstraintViolation | null {
  return error instanceof Neo4jError && error.code === 'Neo.ClientError.Schema.ConstraintValidationFailed'
    ? new ConstraintViolation(error.message, { cause: error })
    : null;
}

/** What the caller is told when the database fails: UNAVAILABLE for an outage; else the error itself. */
export function translate(error: unknown): unknown {
  if (!(error instanceof Neo4jError)) return error;
  if (error.code.includes('TransactionTimedOut')) {
    return unavailable('The database took too long over this request. Ask for less at once, or try again.', error);
  }
  if (lacksMemory(error)) {
    return unavailable(
      'This request needs more memory than the database gives to one. Nothing was changed; ask for less at once, as a smaller depth or page.',
      error,
    );
  }
  if (isOutage(error)) {
    return unavailable('The database cannot be reached at the moment. Nothing half-done was kept; try again.', error);
  }
  return error;
}

/** What a wait for bookmarks ends with instead of their being reached. */
export function translateWait(error: unknown, timeoutMs: number): unknown {
  if (!(error instanceof Neo4jError)) return error;
  if (error.code === 'Neo.TransientError.Transaction.BookmarkTimeout') return notCaughtUp(timeoutMs, error);
  if (error.code.includes('InvalidBookmark') || error.code === 'Neo.ClientError.Database.DatabaseNotFound') {
    return badInput(
      'The consistency token is of another database than this one, as before a restore. Leave it out, or write again and use the new one.',
    );
  }
  return translate(error);
}

export const notCaughtUp = (timeoutMs: number, cause?: unknown): Error =>
  unavailable(
    `This server has not caught up with the write of the consistency token within ${timeoutMs / 1000} s. Ask again with the same token, or without it for what is known here.`,
    cause,
  );

function isOutage(error: Neo4jError): boolean {
  return (
    CONNECTION_LOST.has(error.code) ||
    error.code.startsWith('Neo.TransientError.') ||
    error.code === 'Neo.ClientError.Transaction.Terminated' ||
    error.code === 'Neo.DatabaseError.General.UnknownError' ||
    // A transaction that Neo4j itself could not begin, commit or roll back, as when its log cannot be written.
    error.code.startsWith('Neo.DatabaseError.Transaction.') ||
    /connection acquisition timed out|pool is closed|connection was closed/i.test(error.message)
  );
}
