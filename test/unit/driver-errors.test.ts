import { Neo4jError } from 'neo4j-driver';
import { describe, expect, it } from 'vitest';
import { isSurelyRolledBack, isWorthRetrying, translate } from '../../src/neo4j/driver-errors.js';
import { WeftlineError } from '../../src/errors.js';

/** As the driver makes it of a failure of the server. */
const failure = (code: string): Neo4jError => new Neo4jError('It failed.', code, '50N42', 'failed');

describe('a failure of the database', () => {
  it.each([
    ['Neo.TransientError.Transaction.DeadlockDetected', true, 'cannot be reached at the moment'],
    ['ServiceUnavailable', true, 'cannot be reached at the moment'],
    ['Neo.TransientError.General.MemoryPoolOutOfMemoryError', false, 'needs more memory than the database gives'],
    ['Neo.TransientError.General.TransactionOutOfMemoryError', false, 'needs more memory than the database gives'],
    ['Neo.ClientError.Transaction.TransactionTimedOut', false, 'took too long'],
    ['Neo.DatabaseError.Transaction.TransactionCommitFailed', false, 'cannot be reached at the moment'],
  ])('%s: tried again %s, and told so', (code, again, words) => {
    expect(isWorthRetrying(failure(code))).toBe(again);
    const told = translate(failure(code));
    expect(told).toBeInstanceOf(WeftlineError);
    expect(told).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining(words) as string });
  });

  it('is no outage when the statement is wrong', () => {
    const wrong = failure('Neo.ClientError.Statement.SyntaxError');
    expect(translate(wrong)).toBe(wrong);
    expect([isWorthRetrying(wrong), isSurelyRolledBack(wrong)]).toEqual([false, false]);
  });

  it('is not tried again by a write for want of memory', () => {
    expect(isSurelyRolledBack(failure('Neo.TransientError.General.MemoryPoolOutOfMemoryError'))).toBe(false);
    expect(isSurelyRolledBack(failure('Neo.TransientError.Transaction.DeadlockDetected'))).toBe(true);
  });
});
