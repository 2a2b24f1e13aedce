import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { StatementObserver } from './neo4j/graph.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The audit log in numbers. */
export interface MeasuredLog {
  size: number;
  unsealed: number;
  refused: number;
  lagSeconds: number;
  check: { checked: number; size: number; completed: number; ageSeconds: number; firstWrong: number; known: number };
}

/** The intake of events of OpenLineage in numbers. */
export interface MeasuredIntake {
  events: number;
  bytes: number;
  oldestSeconds: number;
  turnedAway: number;
  outcomes: Readonly<Record<'taken' | 'repeated' | 'refused', number>>;
}

/** What is told of it, by its name behind `weftline_lineage_`. */
const INTAKE_GAUGES: Readonly<Record<string, { help: string; of: (intake: MeasuredIntake) => number }>> = {
  waiting_events: {
    help: 'Events of OpenLineage that have come and are not in the graph yet.',
    of: ({ events }) => events,
  },
  waiting_bytes: {
    help: 'Bytes of bodies of events that are read or whose events wait, after inflating.',
    of: ({ bytes }) => bytes,
  },
  lag_seconds: { help: 'How long the oldest of these events has waited.', of: ({ oldestSeconds }) => oldestSeconds },
};

/** What is told of the audit log, by its name behind `weftline_audit_`. */
const LOG_GAUGES: Readonly<Record<string, { help: string; of: (log: MeasuredLog) => number }>> = {
  log_size: { help: 'Entries of the audit log that are sealed.', of: ({ size }) => size },
  unsealed_entries: {
    help: 'Entries of the audit log that wait to be sealed.',
    of: ({ unsealed }) => unsealed,
  },
  lag_seconds: { help: 'How long the oldest of these has waited.', of: ({ lagSeconds }) => lagSeconds },
  refused_entries: {
    help: 'Entries set aside, ever, as no server of this installation wrote them.',
    of: ({ refused }) => refused,
  },
  check_entries: {
    help: 'Entries that the check of the whole log under way has come past.',
    of: ({ check }) => check.checked,
  },
  check_size: { help: 'Entries that this check goes through.', of: ({ check }) => check.size },
  checks_completed: {
    help: 'Checks of the whole log that this server has ended since it started.',
    of: ({ check }) => check.completed,
  },
  check_age_seconds: {
    help: 'Time since the last check of the whole log ended; -1 before the first.',
    of: ({ check }) => check.ageSeconds,
  },
  first_wrong_entry: {
    help: 'Number of the first entry that is not as it was sealed; -1: none is known.',
    of: ({ check }) => check.firstWrong,
  },
  known_damage_entries: {
    help: 'Wrong entries that WEFTLINE_AUDIT_KNOWN_DAMAGE names.',
    of: ({ check }) => check.known,
  },
};

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
   * All are asked at each scrape.
   * @param countJobs how many training jobs are in each state.
   * @param measureLog the audit log: entries sealed, entries that wait for it, and the seconds the oldest has waited; what
   * was refused, and how far the check of it is.
   * @param measureIntake events of producers: what waits, and what became of those that came.
   */
  constructor(
    countJobs: () => Promise<ReadonlyMap<string, number>>,
    measureLog: () => Promise<MeasuredLog>,
    measureIntake: () => MeasuredIntake,
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
    this.watchIntake(measureIntake);
  }

  private watchIntake(measure: () => MeasuredIntake): void {
    const registers = [this.registry];
    for (const [name, { help, of }] of Object.entries(INTAKE_GAUGES)) {
      new Gauge({
        ...{ name: `weftline_lineage_${name}`, help, registers },
        collect() {
          this.set(of(measure()));
        },
      });
    }
    new Counter({
      name: 'weftline_lineage_events_total',
      help: 'Events of OpenLineage by what became of them: taken, taken before (repeated), refused for good.',
      labelNames: ['outcome'],
      registers,
      collect() {
        this.reset();
        for (const [outcome, total] of Object.entries(measure().outcomes)) this.inc({ outcome }, total);
      },
    });
    new Counter({
      name: 'weftline_lineage_turned_away_total',
      help: 'How often events were answered 429, as too much waited.',
      registers,
      collect() {
        this.reset();
        this.inc(measure().turnedAway);
      },
    });
  }

  private watchLog(measure: () => Promise<MeasuredLog>): void {
    let measuring: Promise<MeasuredLog> | null = null;
    // All gauges of one scrape are of one measurement.
    const measured = (): Promise<MeasuredLog> => (measuring ??= measure().finally(() => (measuring = null)));
    const registers = [this.registry];
    for (const [name, { help, of }] of Object.entries(LOG_GAUGES)) {
      new Gauge({
        ...{ name: `weftline_audit_${name}`, help, registers },
        async collect() {
          this.set(of(await measured()));
        },
      });
    }
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
