import { SetupError } from '../../neo4j/setup-error.js';

/** A target of a profile, as it is read: adapters name their own keys. */
export type Profile = Readonly<Record<string, unknown>>;

/** The namespace of the tables that a target writes, as dbt-ol and OpenLineage's naming call it. */
export function datasetNamespaceOf(profile: Profile): string {
  const type = said(profile, 'type');
  const name = Object.hasOwn(NAMESPACES, type) ? NAMESPACES[type] : undefined;
  if (name === undefined)
    throw new SetupError(
      `The adapter ${type} has no naming here; known are ${Object.keys(NAMESPACES).join(', ')}. Give --dataset-namespace.`,
    );
  return name(profile);
}

const hostAndPort =
  (scheme: string, host = 'host') =>
  (profile: Profile): string =>
    `${scheme}://${said(profile, host)}:${said(profile, 'port')}`;

const NAMESPACES: Readonly<Record<string, (profile: Profile) => string>> = {
  duckdb: (profile) => `duckdb://${said(profile, 'path')}`,
  postgres: hostAndPort('postgres'),
  redshift: hostAndPort('redshift'),
  clickhouse: hostAndPort('clickhouse'),
  trino: hostAndPort('trino'),
  presto: hostAndPort('presto'),
  sqlserver: hostAndPort('mssql', 'server'),
  dremio: hostAndPort('dremio', 'software_host'),
  snowflake: (profile) => `snowflake://${snowflakeAccount(said(profile, 'account'))}`,
  bigquery: () => 'bigquery',
  databricks: (profile) => `databricks://${said(profile, 'host')}`,
  athena: (profile) => `awsathena://athena.${said(profile, 'region_name')}.amazonaws.com`,
  spark: (profile) => `spark://${said(profile, 'host')}:${sparkPort(profile)}`,
};

function said(profile: Profile, key: string): string {
  const value = profile[key];
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw new SetupError(`The dbt profile does not say ${key}, which names its tables. Give --dataset-namespace.`);
}

const SPARK_PORTS: Readonly<Record<string, string>> = { http: '443', odbc: '443', thrift: '10001' };

const sparkPort = (profile: Profile): string =>
  profile['port'] === undefined
    ? (SPARK_PORTS[said(profile, 'method')] ?? said(profile, 'port'))
    : said(profile, 'port');

/** An old account name is a locator alone, and OpenLineage adds the region and cloud it stands for. */
function snowflakeAccount(account: string): string {
  const [name = account, region = 'us-west-1', cloud = 'aws'] = account.split('.');
  if (name.includes('-')) return name;
  return `${name}.${region}.${cloud}`;
}
