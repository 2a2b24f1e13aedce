import { type Driver, type ManagedTransaction, Neo4jError, type Session } from 'neo4j-driver';

/** What Neo4j Enterprise says to a user without the right: Community has no roles to be refused by. */
export const forbidden = (statement: string): Neo4jError =>
  new Neo4jError(
    `Schema operation in\n${statement.slice(0, 40)} is not allowed for user 'weft' with roles [PUBLIC, writer].`,
    'Neo.ClientError.Security.Forbidden',
    '42NFF',
    'error: syntax error or access rule violation - permission/access denied',
  );

/** The driver, but for statements that are refused before the database sees them. */
export function limitedDriver(driver: Driver, refusal: (statement: string) => Error | null): Driver {
  const limit = <T extends Session | ManagedTransaction>(target: T): T =>
    replaced(target, 'run', (statement: string, ...more: never[]) => {
      const error = refusal(statement);
      return error === null ? target.run(statement, ...more) : Promise.reject(error);
    });
  return replaced(driver, 'session', (...config: Parameters<Driver['session']>) => {
    const session = driver.session(...config);
    const executeWrite = (work: (transaction: ManagedTransaction) => Promise<unknown>): Promise<unknown> =>
      session.executeWrite((transaction) => work(limit(transaction)));
    return replaced(limit(session), 'executeWrite', executeWrite);
  });
}

function replaced<T extends object>(target: T, name: string, by: unknown): T {
  return new Proxy(target, {
    get: (_, key) => {
      if (key === name) return by;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
