import fc from 'fast-check';
import { Neo4jError } from 'neo4j-driver';
import { describe, expect, it } from 'vitest';
import {
  askDriver,
  askToCommit,
  DriverFailure,
  isSurelyRolledBack,
  isWorthRetrying,
  OutcomeUnknown,
  translate,
} from '../../src/neo4j/driver-errors.js';
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
    ['Neo.DatabaseError.Transaction.TransactionCommitFailed', true, 'cannot be reached at the moment'],
    ['Neo.ClientError.Security.Unauthorized', false, 'does not let this server in'],
    ['Neo.ClientError.Security.AuthenticationRateLimit', false, 'does not let this server in'],
    ['Neo.ClientError.Security.AuthorizationExpired', true, 'cannot be reached at the moment'],
    ['Neo.ClientError.Procedure.ProcedureCallFailed', true, 'cannot be reached at the moment'],
    ['ProtocolError', true, 'cannot be reached at the moment'],
    ['N/A', true, 'cannot be reached at the moment'],
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

  it('is an outage whatever its code, unless a database that is well says that of a wrong statement', () => {
    const word = fc.stringMatching(/^[A-Z][A-Za-z]{0,20}$/);
    const kind = fc.constantFrom('ClientError', 'DatabaseError', 'TransientError', 'ClientNotification');
    const area = fc.oneof(
      fc.constantFrom('Statement', 'Schema', 'Procedure', 'Transaction', 'Database', 'Security'),
      word,
    );
    const code = fc.oneof(
      fc.tuple(kind, area, word).map((parts) => ['Neo', ...parts].join('.')),
      fc.constantFrom('ServiceUnavailable', 'SessionExpired', 'ProtocolError', 'N/A', ''),
      fc.string(),
    );
    const ours = /^Neo\.ClientError\.(Statement|Schema|Fabric|Procedure)\.|\.InvalidArguments$/;
    fc.assert(
      fc.property(code, (each) => {
        const told = translate(failure(each));
        if (!ours.test(each)) expect(told).toMatchObject({ code: 'UNAVAILABLE' });
        // Whatever is tried again as a write was rolled back, and whatever is tried again at all is no fault of ours.
        if (isSurelyRolledBack(failure(each)))
          expect(each).toMatch(/^Neo\.TransientError\.|NotALeader$|EntityNotFound$/);
        if (isWorthRetrying(failure(each))) expect(told).toBeInstanceOf(WeftlineError);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['Statement.SyntaxError', 'Statement.TypeError', 'Schema.IndexNotFound', 'Procedure.ProcedureNotFound'])(
    '%s is a fault of ours, at the commit too',
    async (code) => {
      const wrong = failure(`Neo.ClientError.${code}`);
      expect(translate(wrong)).toBe(wrong);
      await expect(askToCommit(() => Promise.reject(wrong), 60_000)).rejects.toBe(wrong);
    },
  );
});

describe('what a driver throws that is no error of Neo4j', () => {
  it.each([new RangeError('The value of "offset" is out of range.'), new TypeError('reading 0')])(
    '%s is a database that is away',
    async (thrown) => {
      const asked = askDriver(() => {
        throw thrown;
      }, 60_000);
      const failed: unknown = await asked.catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(DriverFailure);
      expect(translate(failed)).toMatchObject({ code: 'UNAVAILABLE' });
      expect([isWorthRetrying(failed), isSurelyRolledBack(failed)]).toEqual([true, false]);
    },
  );

  it('of our own code stays a fault of ours', () => {
    const fault = new RangeError('ours');
    expect(translate(fault)).toBe(fault);
    expect([isWorthRetrying(fault), isSurelyRolledBack(fault)]).toEqual([false, false]);
  });
});

describe('a commit', () => {
  it.each([
    'ServiceUnavailable',
    'Neo.TransientError.Cluster.ReplicationFailure',
    'Neo.DatabaseError.General.UnknownError',
  ])('that ends with %s may have happened: it is never made again, and said so', async (code) => {
    const failed: unknown = await askToCommit(() => Promise.reject(failure(code)), 60_000).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(OutcomeUnknown);
    expect([isWorthRetrying(failed), isSurelyRolledBack(failed)]).toEqual([false, false]);
    expect(translate(failed)).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('that met a deadlock did not happen, and may be made again', async () => {
    const met = failure('Neo.TransientError.Transaction.DeadlockDetected');
    await expect(askToCommit(() => Promise.reject(met), 60_000)).rejects.toBe(met);
    expect(isSurelyRolledBack(met)).toBe(true);
  });
});
