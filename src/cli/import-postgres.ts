import { type Address, readCatalog } from '../importers/postgres/catalog.js';
import { postgresEvents } from '../importers/postgres/postgres-events.js';
import { type Command, readArgument, UsageError } from './calling/command.js';
import { destinationOf, IMPORT_OPTIONS, IMPORT_USAGE } from './import-events.js';

/** `npx weft import postgres`: brings in the tables and views that the catalog of a PostgreSQL database tells of. */
export const importPostgres: Command = {
  usage: `npx weft import postgres URL [OPTIONS]

Brings in the tables and views of a PostgreSQL database: columns, types, comments, keys, owners, row estimates, and what each
view reads. URL is postgres://USER@HOST:PORT/DATABASE; the password is taken from PGPASSWORD, since arguments can be
read by every user of the machine. Only the catalog is read, in one read-only transaction, and no row of a table.

${IMPORT_USAGE}
  --dataset-namespace NS  how others name this server; else postgres://HOST:PORT
  --at TIME               when this is so, such as 2026-11-29T12:00:00Z; else the catalog's own times

Exit code: 0 all was taken, 1 something was not, 2 wrong usage.`,

  async run(args) {
    const { argument: url, options } = readArgument(
      args,
      { ...IMPORT_OPTIONS, 'dataset-namespace': { type: 'string' }, at: { type: 'string' } },
      'address of a database',
    );
    const address = addressOf(url);
    const at = timeOf(options.at);
    const deliver = await destinationOf(options);
    const catalog = await readCatalog(address);
    const namespace = options['dataset-namespace'] ?? `postgres://${address.host}:${address.port}`;
    return deliver(postgresEvents(catalog, namespace, at));
  },
};

/** What is wrong with an address is told without it: a password may stand in it. */
function addressOf(given: string): Address {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol) || url.hostname === '' || url.pathname.length < 2)
    throw new UsageError('The address of a database must be such as postgres://reader@db.example:5432/shop.');
  return { host: url.hostname.toLowerCase(), port: url.port === '' ? 5_432 : Number(url.port), url };
}

function timeOf(said: string | undefined): string | null {
  if (said === undefined) return null;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(said) || Number.isNaN(Date.parse(said)))
    throw new UsageError(`--at must be a time such as 2026-11-29T12:00:00Z, and not ${said}.`);
  return new Date(said).toISOString();
}
