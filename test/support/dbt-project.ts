import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, ProducerEnvironment } from './producers.js';

const SHOP = join(import.meta.dirname, '../fixtures/dbt/shop');
/** What the web site of the shop writes: dbt reads it, and makes it not. */
const EVENTS = `import duckdb, sys
duckdb.connect(sys.argv[1]).execute("create table events as select 1 as id, 'visit' as kind, now()::timestamp as loaded_at")`;

/** The shop of the fixtures as a project and a database of a test's own: tests share one graph, and dbt names by both. */
export class DbtShop {
  private constructor(
    readonly name: string,
    readonly folder: string,
    private readonly dbt: ProducerEnvironment,
  ) {}

  static async make(): Promise<DbtShop> {
    const dbt = await ProducerEnvironment.of('dbt');
    const name = `shop_${randomBytes(6).toString('hex')}`;
    const folder = mkdtempSync(join(tmpdir(), 'weftline-dbt-'));
    cpSync(SHOP, folder, { recursive: true });
    rename(join(folder, 'dbt_project.yml'), [
      ['name: shop', `name: ${name}`],
      ['  shop:', `  ${name}:`],
    ]);
    rename(join(folder, 'profiles.yml'), [['path: shop.duckdb', `path: ${join(folder, `${name}.duckdb`)}`]]);
    const shop = new DbtShop(name, folder, dbt);
    const made = await dbt.run('python', ['-c', EVENTS, shop.database], { cwd: folder });
    if (made.code !== 0) throw new Error(made.output);
    return shop;
  }

  get database(): string {
    return join(this.folder, `${this.name}.duckdb`);
  }

  /** As OpenLineage names a file of DuckDB. */
  get tables(): string {
    return `duckdb://${this.database}`;
  }

  run(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ended> {
    const PATH = `${join(this.dbt.folder, 'bin')}:${process.env['PATH'] ?? ''}`;
    const own = { PATH, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', ...environment };
    return this.dbt.run('dbt-ol', args, { cwd: this.folder, environment: own });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function rename(file: string, words: readonly (readonly [string, string])[]): void {
  const text = words.reduce(
    (all, [from, to]) => {
      if (!all.includes(from)) throw new Error(`${file} holds no ${from}.`);
      return all.replace(from, to);
    },
    readFileSync(file, 'utf8'),
  );
  writeFileSync(file, text);
}
