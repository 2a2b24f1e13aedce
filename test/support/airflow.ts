import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Ended, ProducerEnvironment } from './producers.js';

/** A real Airflow with its own SQLite, in a folder that goes with the test. It runs a DAG at once, without a scheduler. */
export class Airflow {
  private constructor(
    private readonly airflow: ProducerEnvironment,
    readonly folder: string,
  ) {}

  /** `dag`: the file of one. */
  static async of(dag: string): Promise<Airflow> {
    const environment = await ProducerEnvironment.of('airflow');
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'weftline-airflow-')));
    const airflow = new Airflow(environment, folder);
    mkdirSync(join(folder, 'dags'));
    cpSync(dag, join(folder, 'dags', basename(dag)));
    const migrated = await airflow.run(['db', 'migrate']);
    if (migrated.code !== 0) throw new Error(migrated.output.slice(-4000));
    return airflow;
  }

  /** Runs all tasks of the DAG, one after the other, each with the listeners that Airflow calls in a scheduled run. */
  test(dag: string, environment: Readonly<Record<string, string>>): Promise<Ended> {
    return this.run(['dags', 'test', dag], environment);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const own = {
      PATH: `${join(this.airflow.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      AIRFLOW_HOME: join(this.folder, 'home'),
      AIRFLOW__CORE__DAGS_FOLDER: join(this.folder, 'dags'),
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    };
    return this.airflow.run('airflow', args, { cwd: this.folder, environment: { ...own, ...environment } });
  }
}
