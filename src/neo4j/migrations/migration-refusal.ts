import { Neo4jError } from 'neo4j-driver';

import { MigrationError } from './migration-file.js';
import { listed } from './schema-plan.js';

/** What the database refused to whom, and what its owner may run instead. */
interface Refused {
  /** What was tried: "Statement 2 of V016__why.cypher", or null before any. */
  what: string | null;
  database: string;
  user: string;
  /** What is still to be made of the schema. */
  statements: readonly string[];
}

/**
 * In words for whoever looks after the database, with the statements to run, when it is read-only or this user lacks rights;
 * null for any other failure.
 */
export function refusalOf(error: unknown, { what, database, user, statements }: Refused): MigrationError | null {
  const code = error instanceof Neo4jError ? error.code : '';
  const tried = what ?? 'The books of the migrations';
  const owed =
    statements.length === 0
      ? ''
      : ` Or somebody who may runs this, and after it "npm run migrate" goes on, which takes what it finds for done:\n${listed(statements)}`;
  if (READ_ONLY.test(code)) {
    return new MigrationError(
      `${tried} cannot be written: the database ${database} is read-only. Let it be written to (in neo4j.conf: take it out of ` +
        'server.databases.read_only, and of server.databases.default_to_read_only; in Neo4j Enterprise: ' +
        `ALTER DATABASE \`${database}\` SET ACCESS READ WRITE), and run this again.${owed}`,
      { cause: error },
    );
  }
  if (code !== FORBIDDEN) return null;
  return new MigrationError(
    `${tried} was refused: the user ${user} lacks a right on the database ${database} (Neo4j says: ${oneLine(error)}). ` +
      `Give it to a role of that user (GRANT SHOW INDEX, SHOW CONSTRAINT, INDEX MANAGEMENT, CONSTRAINT MANAGEMENT, NAME MANAGEMENT ON ` +
      `DATABASE \`${database}\` TO …; GRANT MATCH {*}, WRITE ON GRAPH \`${database}\` TO …), and run this again.${owed}`,
    { cause: error },
  );
}

const FORBIDDEN = 'Neo.ClientError.Security.Forbidden';
/** The one is said to statements that write, the other to those of the schema. */
const READ_ONLY = /^Neo\.ClientError\.General\.(?:ForbiddenOn|WriteOn)ReadOnly(?:Access)?Database$/;

const oneLine = (error: unknown): string =>
  error instanceof Error ? error.message.replaceAll(/\s+/g, ' ').replace(/\.$/, '') : String(error);
