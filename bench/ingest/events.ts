import { randomUUID } from 'node:crypto';

/** Columns of each data set. */
const COLUMNS = 10;
const PRODUCER = 'https://weftline.example/bench';
const SCHEMA = 'https://openlineage.io/spec/facets/1-1-1/SchemaDatasetFacet.json';

export type SentEvent = Record<string, unknown>;

/** Whether each run is of a job and of data sets of its own, or all are of the same few. */
export type Jobs = 'new' | 'repeated';

/** A factory is kept, and with it the jobs that another reporter told of in it. */
const THIS_RUN = randomUUID().slice(0, 8);

/** Of so many jobs are the runs that are repeated. */
const REPEATED = 20;

/** Two inputs and an output of ten columns, as a warehouse reports them; `time` counts on, so that no event is another's copy. */
export class Events {
  private count = 0;

  readonly namespace: string;

  /** `of`: apart from those of other measurements. */
  constructor(
    of: string,
    private readonly jobs: Jobs,
  ) {
    this.namespace = `${of} ${THIS_RUN}`;
  }

  /** START and COMPLETE of the next run, each of about 4.5 KB. */
  nextRun(): readonly [SentEvent, SentEvent] {
    const number = this.count++;
    const job = this.jobs === 'new' ? number : number % REPEATED;
    const runId = randomUUID();
    const at = Date.UTC(2026, 10, 1) + number * 1_000;
    return [this.event('START', { job, runId, at }), this.event('COMPLETE', { job, runId, at: at + 500 })];
  }

  private event(eventType: 'START' | 'COMPLETE', of: { job: number; runId: string; at: number }): SentEvent {
    const name = (part: string): string => `shop.public.${part}_${of.job}`;
    const inputs = [name('orders'), name('customers')];
    return {
      eventType,
      ...{ eventTime: new Date(of.at).toISOString(), producer: PRODUCER },
      schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
      run: { runId: of.runId, facets: { processing_engine: facet({ version: '3.5.8', name: 'warehouse' }) } },
      job: {
        ...{ namespace: this.namespace, name: `nightly.join_${of.job}` },
        facets: { jobType: facet({ processingType: 'BATCH', integration: 'BENCH', jobType: 'QUERY' }) },
      },
      inputs: inputs.map((each) => this.dataset(each)),
      outputs: [
        this.dataset(name('joined'), eventType === 'COMPLETE' ? { columnLineage: this.columnLineage(inputs) } : {}),
      ],
    };
  }

  private dataset(name: string, more: object = {}) {
    const fields = columnNames().map((column) => ({ name: column, type: 'varchar', description: PADDING }));
    const dataSource = facet({ name: this.namespace, uri: 'postgres://warehouse.example:5432/shop' });
    return {
      ...{ namespace: this.namespace, name },
      facets: { dataSource, schema: { ...facet({ fields }), _schemaURL: SCHEMA }, ...more },
    };
  }

  private columnLineage(inputs: readonly string[]) {
    const fields = columnNames().map((column, at) => [
      column,
      { inputFields: [{ namespace: this.namespace, name: inputs[at % inputs.length], field: column }] },
    ]);
    return facet({ fields: Object.fromEntries(fields) as object });
  }
}

/** So that an event is as long as those that were measured with other products. */
const PADDING = 'Order.';

const columnNames = (): string[] => Array.from({ length: COLUMNS }, (_, at) => `column_${at}`);

const facet = <T extends object>(said: T) => ({ _producer: PRODUCER, _schemaURL: SCHEMA, ...said });
