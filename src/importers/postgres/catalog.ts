import { Client } from 'pg';
import { z } from 'zod';
import { SetupError } from '../../neo4j/setup-error.js';
import { COLUMNS, CONSTRAINTS, DATABASE, DEPENDENCIES, MOST_RELATIONS, RELATIONS } from './statements.js';

const count = z.coerce.number();
const time = z.date().nullable();

const DATABASES = z.array(z.object({ database: z.string(), version: z.string(), createdAt: z.date() })).length(1);

const RELATION = z.object({
  oid: count,
  schema: z.string(),
  name: z.string(),
  kind: z.enum(['r', 'p', 'v', 'm', 'f', 'c']),
  owner: z.string(),
  comment: z.string().nullable(),
  estimate: count,
  definition: z.string().nullable(),
  changedAt: time,
  analyzedAt: time,
});

const COLUMN = z.object({
  relation: count,
  number: count,
  name: z.string(),
  type: z.string(),
  comment: z.string().nullable(),
  /** The relation whose columns lie within this one; 0 for what is not composite. */
  inner: count,
});

const CONSTRAINT = z.object({
  relation: count,
  kind: z.enum(['p', 'f', 'u']),
  columns: z.array(z.string()),
  toSchema: z.string().nullable(),
  toTable: z.string().nullable(),
  toColumns: z.array(z.string()).nullable(),
});

const DEPENDENCY = z.object({ view: count, on: count, column: z.string().nullable() });

export type Relation = z.infer<typeof RELATION>;
export type Column = z.infer<typeof COLUMN>;
export type Constraint = z.infer<typeof CONSTRAINT>;
export type Dependency = z.infer<typeof DEPENDENCY>;

/** What the catalog of a database says of its tables and views, all as of one moment. */
export interface Catalog {
  database: string;
  version: string;
  createdAt: Date;
  relations: Relation[];
  columns: Column[];
  constraints: Constraint[];
  dependencies: Dependency[];
}

/** Where a database is; the password is told to nobody. */
export interface Address {
  host: string;
  port: number;
  url: URL;
}

const CONNECT_WITHIN_MS = 15_000;
const ANSWER_WITHIN_MS = 120_000;

/** Reads the whole catalog in one transaction that sees one moment and writes nothing. */
export async function readCatalog(address: Address): Promise<Catalog> {
  const client = new Client({
    connectionString: address.url.href,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    application_name: 'weftline-import',
  });
  // A connection that breaks while nothing is asked tells it here; the next question fails for it, and says so.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const catalog = await readAll(client);
    await client.query('COMMIT');
    return catalog;
  } catch (cause) {
    throw told(address, cause);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function readAll(client: Client): Promise<Catalog> {
  const ask = async <T>(statement: string, rows: z.ZodType<T>): Promise<T> =>
    rows.parse((await client.query(statement)).rows);
  const [database] = await ask(DATABASE, DATABASES);
  const { rows: settings } = await client.query<{ on: boolean }>(
    "SELECT current_setting('track_commit_timestamp')::bool AS on",
  );
  const relations = await ask(RELATIONS(settings[0]?.on === true), z.array(RELATION));
  if (relations.length > MOST_RELATIONS)
    throw new SetupError(`The database has more than ${MOST_RELATIONS} tables and views, and no more are read.`);
  return {
    ...(database as z.infer<typeof DATABASES>[number]),
    relations,
    columns: await ask(COLUMNS, z.array(COLUMN)),
    constraints: await ask(CONSTRAINTS, z.array(CONSTRAINT)),
    dependencies: await ask(DEPENDENCIES, z.array(DEPENDENCY)),
  };
}

/** A fault in a sentence, without the password, in whatever form it might be said. */
function told({ host, port, url }: Address, cause: unknown): Error {
  if (cause instanceof SetupError) return cause;
  const where = `${host}:${port}${url.pathname}`;
  const secrets = [url.password, decoded(url.password), process.env['PGPASSWORD'] ?? ''].filter((each) => each !== '');
  const why = messageOf(cause);
  const shown = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), why);
  return new SetupError(`The database ${where} could not be read, and nothing was sent: ${shown}.`);
}

/** Where all addresses of a host refuse, each says so by itself. */
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
