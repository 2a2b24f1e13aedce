import { Neo4jError } from 'neo4j-driver';
import { badInput, unavailable, WeftlineError } from '../errors.js';
import { TornRow } from './row.js';

/** A uniqueness constraint refused the write. The repository says what that means to the caller. */
export class ConstraintViolation extends Error {
  override readonly name = 'ConstraintViolation';
}

/** The driver failed in a way of its own, as over an answer that was torn or garbled on its way. */
export class DriverFailure extends Error {
  override readonly name = 'DriverFailure';
}

/** The commit was sent and its answer was none that tells: the change is there as a whole, or not at all. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/**
 * What a database that is well says to a statement of ours that is wrong. Everything else that a call of the driver ends
 * with is a database that is away, in whichever way: there are too many of these to name them.
 */
const FAULTS_OF_OURS: readonly RegExp[] = [
  /^Neo\.ClientError\.(Statement|Schema|Fabric)\./,
  // A procedure that fails may do so because its index is being closed, or is not open yet; only how it is called is ours.
  /^Neo\.ClientError\.Procedure\.(?!ProcedureCallFailed|ProcedureTimedOut)/,
  /^Neo\.ClientError\.General\.InvalidArguments$/,
  /^Neo\.ClientError\.Transaction\.(ForbiddenDueToTransactionType|TransactionAccessedConcurrently)$/,
];

/**
 * Does what the driver is asked for, and waits so long for it: a machine that was cut off, or a process that was stopped,
 * breaks no connection. Whatever this throws is a refusal of ours, an error of the driver's own, or a `DriverFailure`.
 */
export async function askDriver<T>(call: () => PromiseLike<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DriverFailure(`Neo4j did not answer within ${ms / 1000} s.`)), ms);
  });
  try {
    return await Promise.race([call(), late]);
  } catch (error) {
    // A refusal of ours, as of rows beyond the budget of a request, is no failure of the driver.
    if (error instanceof Neo4jError || error instanceof DriverFailure || error instanceof WeftlineError) throw error;
    throw new DriverFailure(error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Commits. Throws `OutcomeUnknown` unless the database surely kept nothing. */
export async function askToCommit(commit: () => PromiseLike<void>, ms: number): Promise<void> {
  try {
    await askDriver(commit, ms);
  } catch (error) {
    if (isFaultOfOurs(error) || (error instanceof Neo4jError && REFUSED_AT_COMMIT.test(error.code))) throw error;
    throw new OutcomeUnknown('The database did not say what became of the commit.', { cause: error });
  }
}

/** What a transaction met that was refused as a whole: others, before any of it was kept. */
const REFUSED_AT_COMMIT =
  /^Neo\.TransientError\.Transaction\.(DeadlockDetected|Outdated|ConstraintsChanged|LockClientStopped|LockAcquisitionTimeout)$/;

/** Another transaction deleted what this one had found already. Asked again, it is not there. */
const metDeleted = (error: unknown): boolean =>
  error instanceof TornRow ||
  (error instanceof Neo4jError && error.code === 'Neo.ClientError.Statement.EntityNotFound');

/** Trying a read again may help: a leader that moved, a lock that was lost, a connection that broke. */
export function isWorthRetrying(error: unknown): boolean {
  return (
    metDeleted(error) ||
    (isOutage(error) && !tookTooLong(error) && !lacksMemory(error) && !isLockedOut(error) && !lacksIndex(error))
  );
}

/** The transaction failed before its commit, may be tried again, and has surely left nothing behind. */
export function isSurelyRolledBack(error: unknown): boolean {
  if (metDeleted(error)) return true;
  return (
    error instanceof Neo4jError &&
    (error.code.startsWith('Neo.TransientError.') || error.code === 'Neo.ClientError.Cluster.NotALeader') &&
    !error.code.endsWith('Terminated') &&
    !lacksMemory(error)
  );
}

/** The database is there and takes neither name nor password of this server: only an administrator mends that. */
export function isLockedOut(error: unknown): boolean {
  return (
    error instanceof Neo4jError &&
    error.code.startsWith('Neo.ClientError.Security.') &&
    // Asked again, the driver signs in anew.
    error.code !== 'Neo.ClientError.Security.AuthorizationExpired'
  );
}

/** Told apart at the statement, so that a repository can say what the refusal means. */
export function constraintRefused(error: unknown): ConstraintViolation | null {
  return error instanceof Neo4jError && error.code === 'Neo.ClientError.Schema.ConstraintValidationFailed'
    ? new ConstraintViolation(error.message, { cause: error })
    : null;
}

/** What the caller is told when the database fails: UNAVAILABLE for an outage; else the error itself. */
export function translate(error: unknown): unknown {
  if (error instanceof OutcomeUnknown) {
    return unavailable(
      'The database broke off while it kept this: all of it is there, or nothing. Look whether it is, and try again if not.',
      error.cause,
    );
  }
  if (!isOutage(error)) return error;
  if (tookTooLong(error)) {
    return unavailable('The database took too long over this request. Ask for less at once, or try again.', error);
  }
  if (lacksMemory(error)) {
    return unavailable(
      'This request needs more memory than the database gives to one. Nothing was changed; ask for less at once, as a smaller depth or page.',
      error,
    );
  }
  if (isLockedOut(error)) {
    return unavailable(
      'The database does not let this server in. An administrator must look into it: the log of the server says why.',
      error,
    );
  }
  if (lacksIndex(error)) {
    return unavailable(
      'The database lacks the full-text index by which search finds; all else works. An administrator must run "npm run migrate", which makes it.',
      error,
    );
  }
  return unavailable('The database cannot be reached at the moment. Nothing half-done was kept; try again.', error);
}

/** What a wait for bookmarks ends with instead of their being reached. */
export function translateWait(error: unknown, timeoutMs: number): unknown {
  if (!(error instanceof Neo4jError)) return translate(error);
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

/** It comes from the driver, and is no answer to a fault of ours. */
function isOutage(error: unknown): boolean {
  return error instanceof DriverFailure || (error instanceof Neo4jError && !isFaultOfOurs(error));
}

function isFaultOfOurs(error: unknown): boolean {
  return error instanceof Neo4jError && FAULTS_OF_OURS.some((fault) => fault.test(error.code));
}

const tookTooLong = (error: unknown): boolean => error instanceof Neo4jError && error.code.includes('TimedOut');

/** Neo4j calls it transient, but the same work wants the same memory again. */
const lacksMemory = (error: unknown): boolean => error instanceof Neo4jError && error.code.endsWith('OutOfMemoryError');

/** Dropped by hand, or by a migration that could not make the new one. Neo4j has no code for it. */
const lacksIndex = (error: unknown): boolean =>
  error instanceof Neo4jError && error.message.includes('There is no such fulltext schema index');
