import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dbtEvents } from '../../../src/importers/dbt/dbt-events.js';
import { datasetNamespaceOf } from '../../../src/importers/dbt/dataset-namespace.js';
import { readProfile } from '../../../src/importers/dbt/profiles.js';
import { readArtifacts } from '../../../src/importers/dbt/read-artifacts.js';
import { type ReceivedDataset, type ReceivedEvent, schemaFaults } from '../../support/lineage-receiver.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/dbt');
const VERSIONS = ['v9', 'v11', 'v12'];
const NAMING = { datasets: 'duckdb://shop.duckdb', jobs: 'acme-dbt' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weftline-dbt-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const eventsOf = (target: string): ReceivedEvent[] =>
  dbtEvents(readArtifacts(target), NAMING) as unknown as ReceivedEvent[];
const eventsIn = (version: string): ReceivedEvent[] => eventsOf(join(FIXTURES, version));

/** An artefact as a test changes it: what it is made of is told apart by where it lies. */
interface Json {
  [key: string]: Json;
}

const at = (json: Json, ...way: string[]): object => way.reduce<Json>((here, key) => here[key] ?? {}, json);

/** The artefacts of a version, one of them changed. */
function changed(version: string, file: string, change: (json: Json) => unknown): string {
  const target = mkdtempSync(join(folder, 'target-'));
  cpSync(join(FIXTURES, version), target, { recursive: true });
  const json = JSON.parse(readFileSync(join(target, file), 'utf8')) as Json;
  change(json);
  writeFileSync(join(target, file), JSON.stringify(json));
  return target;
}

const of = (events: readonly ReceivedEvent[], job: string): ReceivedEvent[] =>
  events.filter((event) => event.job?.name === job);
const last = (events: readonly ReceivedEvent[], job: string): ReceivedEvent => {
  const found = of(events, job).at(-1);
  if (found === undefined) throw new Error(`No event of ${job}.`);
  return found;
};
const onlyOutput = ({ outputs }: ReceivedEvent): ReceivedDataset => outputs?.[0] as ReceivedDataset;
const assertionsOf = ({ inputs }: ReceivedEvent) =>
  inputs?.[0]?.inputFacets?.['dataQualityAssertions']?.['assertions'] as Record<string, unknown>[];

describe.each(VERSIONS)('artefacts of dbt of manifest %s', (version) => {
  const events = eventsIn(version);

  it('become events that hold to the official schemas', () => {
    expect(events.length).toBeGreaterThan(20);
    expect(schemaFaults(events)).toEqual([]);
  });

  it('become the same events each time, to the byte', () => {
    expect(JSON.stringify(eventsIn(version))).toBe(JSON.stringify(events));
  });

  it('become a run of each model, seed and snapshot, within a run of dbt', () => {
    const runs = events.filter(({ eventType }) => eventType === 'COMPLETE').map(({ job }) => job?.name);
    expect(runs).toEqual(
      expect.arrayContaining([
        'dbt-run-shop',
        'shop.main.shop.stg_orders.build.run',
        'shop.main.shop.customer_orders.build.run',
        'shop.main.shop.customers_snapshot.build.snapshot',
        'seed.shop.raw_customers',
        'shop.main.shop.stg_orders.build.test',
        'test.shop.assert_amount_positive',
      ]),
    );
    const model = last(events, 'shop.main.shop.customer_orders.build.run');
    expect(model.run?.facets['parent']).toMatchObject({
      run: { runId: last(events, 'dbt-run-shop').run?.runId },
      job: { namespace: 'acme-dbt', name: 'dbt-run-shop' },
    });
  });

  it('tell what each table is made from, and by which code', () => {
    const model = last(events, 'shop.main.shop.customer_orders.build.run');
    expect(model.inputs).toEqual([
      { namespace: 'duckdb://shop.duckdb', name: 'shop.main.stg_orders' },
      { namespace: 'duckdb://shop.duckdb', name: 'shop.main.stg_customers' },
    ]);
    expect(onlyOutput(model)).toMatchObject({ namespace: 'duckdb://shop.duckdb', name: 'shop.main.customer_orders' });
    expect(model.job?.facets['sql']?.['dialect']).toBe('duckdb');
    expect(model.job?.facets['sql']?.['query']).toContain('with sums as');
    expect(last(events, 'shop.main.shop.customers_snapshot.build.snapshot').inputs).toEqual([
      { namespace: 'duckdb://shop.duckdb', name: 'shop.main.stg_customers' },
    ]);
    expect(last(events, 'shop.main.shop.stg_customers.build.run').inputs?.[0]?.name).toBe('shop.main.raw_customers');
  });

  it('tell the columns of the catalog with their types, and what was written of them', () => {
    const facets = onlyOutput(last(events, 'shop.main.shop.customer_orders.build.run')).facets;
    expect(facets?.['schema']?.['fields']).toEqual([
      { name: 'customer_id', type: 'INTEGER', description: 'customer key' },
      { name: 'name', type: 'VARCHAR' },
      { name: 'orders', type: 'BIGINT' },
      { name: 'amount', type: 'DOUBLE' },
      { name: 'detail', type: 'STRUCT(latest DATE, marks INTEGER[])' },
    ]);
    expect(facets?.['documentation']?.['description']).toBe('What each customer ordered');
    expect(facets?.['ownership']?.['owners']).toEqual([{ name: 'sales-data@acme.example' }]);
    expect(facets?.['tags']?.['tags']).toEqual([{ key: 'mart', value: 'true', source: 'DBT' }]);
    expect(facets?.['datasetType']?.['datasetType']).toBe('TABLE');
    const staged = onlyOutput(last(events, 'shop.main.shop.stg_customers.build.run')).facets;
    expect(staged?.['datasetType']?.['datasetType']).toBe('VIEW');
    expect(staged?.['tags']?.['tags']).toEqual([{ key: 'personal', value: 'true', source: 'DBT', field: 'name' }]);
  });

  it('tell of a test that warned that it failed and stopped nothing', () => {
    const tested = last(events, 'shop.main.shop.stg_orders.build.test');
    expect(tested.eventType).toBe('COMPLETE');
    expect(assertionsOf(tested)).toContainEqual({
      assertion: 'accepted_values',
      name: 'accepted_values_stg_orders_status__placed__shipped',
      success: false,
      column: 'status',
      severity: 'warn',
      expected: '0',
      actual: '1',
      params: { values: ['placed', 'shipped'] },
    });
  });

  it('give a test of two tables to the one that asks for it', () => {
    const names = assertionsOf(last(events, 'shop.main.shop.stg_orders.build.test')).map(({ assertion }) => assertion);
    expect(names.sort()).toEqual(['accepted_values', 'assert_amount_positive', 'relationships']);
  });

  it('tell of exposures as jobs that read', () => {
    const exposure = last(events, 'exposure.shop.sales_board');
    expect(exposure.inputs).toEqual([{ namespace: 'duckdb://shop.duckdb', name: 'shop.main.customer_orders' }]);
    expect(exposure.job?.facets['ownership']?.['owners']).toEqual([{ name: 'sales-data@acme.example' }]);
    expect(exposure.job?.facets['tags']?.['tags']).toContainEqual({ key: 'maturity', value: 'high', source: 'DBT' });
    expect(exposure.job?.facets['documentation']?.['description']).toBe('Sales by customer');
  });

  it('tell whether sources are fresh', () => {
    const fresh = last(events, 'shop.main.source.shop.web.events.freshness');
    expect(assertionsOf(fresh)).toEqual([
      {
        assertion: 'freshness',
        name: 'freshness',
        success: false,
        severity: 'warn',
        expected: 'younger than 1 day',
        actual: '2026-01-02T03:04:05+00:00',
      },
    ]);
    const source = events.find(({ dataset }) => dataset?.name === 'shop.main.events')?.dataset;
    expect(source?.facets?.['documentation']?.['description']).toBe('One row per event');
  });

  it('hold no time that is not of dbt', () => {
    const files = ['manifest', 'run_results', 'sources'].map((name) => join(FIXTURES, version, `${name}.json`));
    const written = files.map((file) => readFileSync(file, 'utf8')).join();
    expect(events.filter(({ eventTime }) => !written.includes(eventTime.replace(/Z$/, '')))).toEqual([]);
    expect(events.every(({ eventTime }) => !Number.isNaN(Date.parse(eventTime)))).toBe(true);
  });
});

describe('what dbt-ol would have reported', () => {
  it('has the names that it has in the import', () => {
    const file = join(import.meta.dirname, '../../../../shared/openlineage-events/dbt.jsonl');
    const recorded = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ReceivedEvent);
    const built = recorded.filter(({ job }) => job?.name === 'shop.main.shop.stg_orders.build.run');
    const ours = of(eventsIn('v12'), 'shop.main.shop.stg_orders.build.run');
    expect(ours.map(({ eventType }) => eventType)).toEqual(built.map(({ eventType }) => eventType).slice(0, 2));
    expect(onlyOutput(ours[1] as ReceivedEvent)).toMatchObject({
      namespace: onlyOutput(built[0] as ReceivedEvent).namespace,
      name: onlyOutput(built[0] as ReceivedEvent).name,
    });
    const typeOf = (event: ReceivedEvent | undefined) => event?.job?.facets['jobType']?.['jobType'];
    for (const job of ['shop.main.shop.stg_orders.build.run', 'shop.main.shop.stg_orders.build.test', 'dbt-run-shop'])
      expect([job, typeOf(of(eventsIn('v12'), job)[0])]).toEqual([job, typeOf(of(recorded, job)[0])]);
    const seeds = ['seed.shop.raw_customers', 'shop.main.shop.customers_snapshot.build.snapshot'];
    for (const job of seeds) expect(typeOf(of(eventsIn('v12'), job)[0])).toBe(typeOf(of(recorded, job)[0]));
  });
});

describe('a project that did not all go well', () => {
  const result = (json: Json, id: string) =>
    (json['results'] as unknown as { unique_id: string }[]).find((each) => each.unique_id === id) as Record<
      string,
      unknown
    >;

  it('has a run that failed, with why, and no table of it', () => {
    const target = changed('v12', 'run_results.json', (json) => {
      Object.assign(result(json, 'model.shop.stg_orders'), { status: 'error', message: 'no such column' });
    });
    const events = eventsOf(target);
    const failed = last(events, 'shop.main.shop.stg_orders.build.run');
    expect(failed).toMatchObject({ eventType: 'FAIL', outputs: [] });
    expect(failed.run?.facets['errorMessage']).toMatchObject({ message: 'no such column' });
    expect(last(events, 'dbt-run-shop').eventType).toBe('FAIL');
    expect(events.find(({ dataset }) => dataset?.name === 'shop.main.stg_orders')).toBeDefined();
    expect(schemaFaults(events)).toEqual([]);
  });

  it('has no run of a model that was skipped, and tells what it is', () => {
    const target = changed('v12', 'run_results.json', (json) =>
      Object.assign(result(json, 'model.shop.stg_orders'), { status: 'skipped' }),
    );
    const told = of(eventsOf(target), 'shop.main.shop.stg_orders.build.run');
    expect(told.map(({ schemaURL }) => schemaURL.split('/').at(-1))).toEqual(['JobEvent']);
  });

  it('has no results of a test that was skipped, and one that failed stops the run of tests', () => {
    const target = changed('v12', 'run_results.json', (json) => {
      Object.assign(result(json, 'test.shop.assert_amount_positive'), { status: 'fail', failures: 3 });
      Object.assign(result(json, 'test.shop.unique_customer_orders_customer_id.0e9f6da4ce'), { status: 'skipped' });
    });
    const events = eventsOf(target);
    const tested = last(events, 'shop.main.shop.stg_orders.build.test');
    expect(tested.eventType).toBe('FAIL');
    expect(assertionsOf(tested)).toContainEqual(
      expect.objectContaining({ assertion: 'assert_amount_positive', success: false, actual: '3', severity: 'error' }),
    );
    expect(of(events, 'shop.main.shop.customer_orders.build.test')).toEqual([]);
  });

  it('has no runs where nothing was run: docs generate leaves results too', () => {
    const target = changed('v12', 'run_results.json', (json) => Object.assign(at(json, 'args'), { which: 'generate' }));
    const events = eventsOf(target).filter(({ job }) => job?.name.endsWith('.freshness') !== true);
    expect(events.filter(({ run }) => run !== undefined)).toEqual([]);
    expect(of(events, 'shop.main.shop.stg_orders')).toHaveLength(1);
  });

  it('needs no more than a manifest', () => {
    const target = mkdtempSync(join(folder, 'target-'));
    cpSync(join(FIXTURES, 'v12/manifest.json'), join(target, 'manifest.json'));
    const events = eventsOf(target);
    expect(schemaFaults(events)).toEqual([]);
    const model = last(events, 'shop.main.shop.customer_orders');
    expect(onlyOutput(model).facets?.['schema']?.['fields']).toEqual([
      { name: 'customer_id', description: 'customer key' },
    ]);
  });

  it('is read through a model that makes no table', () => {
    const target = changed('v12', 'manifest.json', (json) =>
      Object.assign(at(json, 'nodes', 'model.shop.stg_orders', 'config'), { materialized: 'ephemeral' }),
    );
    const events = eventsOf(target);
    const { inputs } = last(events, 'shop.main.shop.customer_orders.build.run');
    expect(inputs?.map(({ name }) => name).sort()).toEqual(['shop.main.raw_orders', 'shop.main.stg_customers']);
    expect(events.some(({ outputs }) => outputs?.some(({ name }) => name === 'shop.main.stg_orders'))).toBe(false);
  });

  it('ends where models depend on each other in a circle', () => {
    const target = changed('v12', 'manifest.json', (json) => {
      for (const [one, other] of [
        ['model.shop.stg_orders', 'model.shop.stg_customers'],
        ['model.shop.stg_customers', 'model.shop.stg_orders'],
      ] as const)
        Object.assign(at(json, 'nodes', one), {
          config: { materialized: 'ephemeral' },
          depends_on: { nodes: [other, 'model.shop.gone'] },
        });
    });
    expect(last(eventsOf(target), 'shop.main.shop.customer_orders.build.run').inputs).toEqual([]);
  });

  it('names a source as dbt does, and says what its table is called', () => {
    const target = changed('v12', 'manifest.json', (json) =>
      Object.assign(at(json, 'sources', 'source.shop.web.events'), { identifier: 'raw_events' }),
    );
    const source = eventsOf(target).find(({ dataset }) => dataset?.name === 'shop.main.events')?.dataset;
    expect(source?.facets?.['symlinks']?.['identifiers']).toEqual([
      { namespace: 'duckdb://shop.duckdb', name: 'shop.main.raw_events', type: 'TABLE' },
    ]);
  });
});

describe('artefacts that cannot be read', () => {
  const version = (file: string, said: unknown): string =>
    changed('v12', file, (json) => Object.assign(at(json, 'metadata'), { dbt_schema_version: said }));

  it.each([
    ['manifest.json', 'https://schemas.getdbt.com/dbt/manifest/v13.json', /manifest\.json: .*v13.*v7, v8, .*v12/],
    ['manifest.json', 'https://schemas.getdbt.com/dbt/manifest/v6.json', /manifest\.json: .*v6/],
    ['manifest.json', 'https://schemas.getdbt.com/dbt/catalog/v1.json', /known of manifest/],
    ['manifest.json', null, /does not say its schema version/],
    ['run_results.json', 'https://schemas.getdbt.com/dbt/run-results/v99.json', /run_results\.json: .*v99.*v4, v5, v6/],
    ['catalog.json', 'https://schemas.getdbt.com/dbt/catalog/v2.json', /catalog\.json: .*v2.*known of catalog are v1/],
    ['sources.json', 'https://schemas.getdbt.com/dbt/sources/v2.json', /sources\.json/],
  ])('are of a version that is not known: %s %s', (file, said, told) => {
    expect(() => readArtifacts(version(file, said))).toThrow(told);
  });

  it.each([7, 8, 10])('are not those of manifest v%s, whose keys are the same', (number) => {
    const target = version('manifest.json', `https://schemas.getdbt.com/dbt/manifest/v${number}.json`);
    expect(eventsOf(target).length).toBe(eventsIn('v12').length);
  });

  it('have no manifest', () => {
    expect(() => readArtifacts(folder)).toThrow(/manifest\.json: there is no such file.*target folder/);
  });

  it('are torn, or are something else', () => {
    const target = changed('v12', 'catalog.json', () => undefined);
    const path = join(target, 'catalog.json');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 900));
    expect(() => readArtifacts(target)).toThrow(/catalog\.json: this is no whole JSON/);
    writeFileSync(path, '[]');
    expect(() => readArtifacts(target)).toThrow(/catalog\.json: it does not say its schema version/);
    const wrong = changed('v12', 'manifest.json', (json) => Object.assign(json, { nodes: { a: { name: 7 } } }));
    expect(() => readArtifacts(wrong)).toThrow(/manifest\.json: at nodes\.a\.\w+ it is not as dbt writes it/);
  });
});

describe('the namespace of tables', () => {
  const SHOP = join(FIXTURES, 'shop');
  const target = join(SHOP, 'target');

  it.each([
    [{ type: 'postgres', host: 'db', port: 5433 }, 'postgres://db:5433'],
    [{ type: 'duckdb', path: 'shop.duckdb' }, 'duckdb://shop.duckdb'],
    [{ type: 'bigquery' }, 'bigquery'],
    [{ type: 'snowflake', account: 'acme-prod.x' }, 'snowflake://acme-prod'],
    [{ type: 'snowflake', account: 'xy1.us-east-2' }, 'snowflake://xy1.us-east-2.aws'],
    [{ type: 'sqlserver', server: 's', port: 1433 }, 'mssql://s:1433'],
    [{ type: 'spark', host: 's', method: 'thrift' }, 'spark://s:10001'],
    [{ type: 'athena', region_name: 'eu-west-1' }, 'awsathena://athena.eu-west-1.amazonaws.com'],
  ])('of %j is %s', (profile, namespace) => {
    expect(datasetNamespaceOf(profile)).toBe(namespace);
  });

  it.each([[{ type: 'constructor' }], [{ type: 'unknown' }], [{}], [{ type: 'postgres', host: 'db' }]])(
    'of %j is asked for',
    (profile) => {
      expect(() => datasetNamespaceOf(profile)).toThrow(/--dataset-namespace/);
    },
  );

  it('is found in the profile beside the project, and the target that was chosen', () => {
    expect(datasetNamespaceOf(readProfile(target, {}, null))).toBe('duckdb://shop.duckdb');
    expect(datasetNamespaceOf(readProfile(target, { target: 'elsewhere' }, null))).toBe('postgres://db.example:5433');
  });

  it('is asked for where the profile does not say it', () => {
    expect(() => readProfile(target, { profile: 'other' }, null)).toThrow(/profile other: it is not there/);
    expect(() => readProfile(target, { target: 'nowhere' }, null)).toThrow(/target nowhere of shop/);
    expect(() => readProfile(target, { profilesDir: folder }, null)).toThrow(/There is no .*profiles\.yml/);
  });

  it('may be said by the environment, as dbt reads it', () => {
    const profiles = mkdtempSync(join(folder, 'profiles-'));
    const write = (host: string): void =>
      writeFileSync(
        join(profiles, 'profiles.yml'),
        `shop: { target: dev, outputs: { dev: { type: postgres, host: "${host}", port: "{{ env_var('NO_PORT', '5432') | as_number }}" } } }`,
      );
    const read = () => datasetNamespaceOf(readProfile(target, { profilesDir: profiles }, null));
    process.env['WEFTLINE_TEST_HOST'] = 'db.internal';
    write("{{ env_var('WEFTLINE_TEST_HOST') }}");
    expect(read()).toBe('postgres://db.internal:5432');
    delete process.env['WEFTLINE_TEST_HOST'];
    expect(read).toThrow(/host is taken from WEFTLINE_TEST_HOST, which is not set/);
    write('{{ target_host() }}');
    expect(read).toThrow(/only dbt can read/);
    writeFileSync(join(profiles, 'profiles.yml'), 'shop: { password: "hush');
    expect(read).toThrow(/no YAML/);
  });
});
