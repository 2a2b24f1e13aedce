import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { StatementObserver } from './neo4j/graph.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What Prometheus is told at /metrics. Labels are names of the schema or of statements, never what a client made up. */
export class Metrics implements StatementObserver {
  readonly registry = new Registry();
  private readonly requests = new Counter({
    name: 'weftline_graphql_requests_total',
    help: 'GraphQL operations answered, by root field and whether the answer held errors.',
    labelNames: ['operation', 'outcome'],
    registers: [this.registry],
  });
  private readonly durations = new Histogram({
    name: 'weftline_graphql_duration_seconds',
    help: 'Time from receiving an operation to its answer, by root field.',
    labelNames: ['operation'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly statements = new Histogram({
    name: 'weftline_cypher_duration_seconds',
    help: 'Time from sending a Cypher statement to its last row, by statement; its count is the number of statements.',
    labelNames: ['statement'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly streams = new Gauge({
    name: 'weftline_open_streams',
    help: 'Subscriptions open now.',
    registers: [this.registry],
  });

  /**
   * Both are asked at each scrape.
   * @param countJobs how many training jobs are in each state.
   * @param measureLog the audit log: entries sealed, entries that wait for it, and the seconds the oldest has waited.
   */
  constructor(
    countJobs: () => Promise<ReadonlyMap<string, number>>,
    measureLog: () => Promise<{ size: number; unsealed: number; lagSeconds: number }>,
  ) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'weftline_training_jobs',
      help: 'Training jobs by state.',
      labelNames: ['state'],
      registers: [this.registry],
      async collect() {
        for (const [state, total] of await countJobs()) this.set({ state }, total);
      },
    });
    this.watchLog(measureLog);
  }

  private watchLog(measure: () => Promise<{ size: number; unsealed: number; lagSeconds: number }>): void {
    const registers = [this.registry];
    const unsealed = new Gauge({
      name: 'weftline_audit_unsealed_entries',
      help: 'Entries of the audit log that wait to be sealed.',
      registers,
    });
    const lag = new Gauge({
      name: 'weftline_audit_lag_seconds',
      help: 'How long the oldest of these has waited.',
      registers,
    });
    new Gauge({
      name: 'weftline_audit_log_size',
      help: 'Entries of the audit log that are sealed.',
      registers,
      async collect() {
        const measured = await measure();
        this.set(measured.size);
        unsealed.set(measured.unsealed);
        lag.set(measured.lagSeconds);
      },
    });
  }

  operationAnswered(operation: string, outcome: 'ok' | 'errors', seconds: number): void {
    this.requests.inc({ operation, outcome });
    this.durations.observe({ operation }, seconds);
  }

  statementRan(statement: string, seconds: number): void {
    this.statements.observe({ statement }, seconds);
  }

  streamOpened(): void {
    this.streams.inc();
  }

  streamClosed(): void {
    this.streams.dec();
  }
}
