import { type Actor, actorId } from '../../auth/actor.js';
import {
  type AssertionResult,
  type MetricResult,
  type Metrics,
  NOTHING_MEASURED,
  type QualityResult,
} from '../../catalog/quality/quality.js';
import type { QualityRecorder } from '../../catalog/quality/quality-recorder.repository.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import { spelt } from '../../spelling.js';
import type { EventDataset, EventInput } from '../event/event.js';
import {
  type ColumnMetrics,
  type ExactNumber,
  qualityAssertionsOf,
  qualityMetricsOf,
} from '../event/quality-facets.js';
import { datasetNamed } from '../reading/dataset-names.js';
import { claimSourceOf } from './reported-flows.service.js';
import { mayTellOf } from './reporting-rights.js';
import type { Known, SaidWriter, Taken } from './taken.js';

type Measured = Omit<MetricResult, 'kind' | 'field' | 'metrics'>;

/** Keeps what events say of the quality of data, with the version that the run made where it is one. */
export class ReportedQuality implements SaidWriter {
  constructor(private readonly quality: QualityRecorder) {}

  async write(tx: WriteTransaction, actor: Actor, taken: readonly Taken[], known: Known): Promise<void> {
    const { assets, runs, versions } = known;
    const results = taken.flatMap(({ reading }): QualityResult[] => {
      const { event, run, at } = reading;
      const datasets: (EventDataset | EventInput)[] =
        event.kind === 'DATASET' ? [event.dataset] : [...event.inputs, ...event.outputs];
      return datasets.flatMap((dataset) => {
        const { urn } = datasetNamed(dataset);
        const asset = assets.get(urn);
        if (!asset || asset.kind !== 'DATASET' || !mayTellOf(actor, asset)) return [];
        const version = [...reading.made, ...reading.read].find((each) => each.urn === urn && each.version !== null);
        const measured = {
          datasetId: asset.id,
          versionId: (version && versions.get(`${asset.id}:${version.version ?? ''}`)) ?? null,
          measuredAt: at,
          source: claimSourceOf(actor),
          reportedById: actorId(actor),
          runId: (run && runs.get(run.key)) ?? null,
        };
        return [...assertionsIn(dataset, measured), ...metricsIn(dataset, measured)];
      });
    });
    await this.quality.record(tx, results);
  }
}

function assertionsIn(dataset: EventDataset, measured: Measured): AssertionResult[] {
  return qualityAssertionsOf(dataset).map((each) => ({
    ...measured,
    kind: 'ASSERTION',
    assertion: each.assertion,
    field: each.column === null ? null : spelt(each.column),
    success: each.success,
    severity: severityOf(each.severity),
    ...{ name: each.name, description: each.description, expected: each.expected, observed: each.actual, params: {} },
  }));
}

function metricsIn(dataset: EventDataset, measured: Measured): MetricResult[] {
  const said = qualityMetricsOf(dataset);
  if (said === null) return [];
  const whole = { rowCount: countOf(said.rowCount), bytes: countOf(said.bytes), fileCount: countOf(said.fileCount) };
  const ofAll: Metrics = { ...NOTHING_MEASURED, ...whole, lastUpdated: said.lastUpdated };
  const results: MetricResult[] = [{ ...measured, kind: 'METRIC', field: null, metrics: ofAll }];
  for (const [column, metrics] of said.columns)
    results.push({ ...measured, kind: 'METRIC', field: spelt(column), metrics: ofColumn(metrics) });
  return results.filter(({ metrics }) => JSON.stringify(metrics, digits) !== JSON.stringify(NOTHING_MEASURED, digits));
}

const ofColumn = ({ nullCount, distinctCount, count, sum, min, max, quantiles = {} }: ColumnMetrics): Metrics => ({
  ...NOTHING_MEASURED,
  ...{ nullCount: countOf(nullCount), distinctCount: countOf(distinctCount), count: countOf(count) },
  ...{ sum: numberOf(sum), min: numberOf(min), max: numberOf(max) },
  quantiles: Object.entries(quantiles)
    .map(([quantile, value]) => ({ quantile: Number(quantile), value: numberOf(value) }))
    .filter((each): each is { quantile: number; value: number } => isPart(each.quantile) && each.value !== null)
    .sort((a, b) => a.quantile - b.quantile),
});

const isPart = (quantile: number): boolean => quantile >= 0 && quantile <= 1;
const digits = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** A count that is no whole number, as one estimated, is cut. */
function countOf(said: ExactNumber | null | undefined): bigint | null {
  if (said == null) return null;
  const count = typeof said === 'string' ? BigInt(said) : BigInt(Math.trunc(said));
  return count < 0n || count > MOST ? null : count;
}

/** What the database holds. */
const MOST = 2n ** 63n - 1n;

function numberOf(said: ExactNumber | null | undefined): number | null {
  const value = said == null ? null : Number(said);
  return value !== null && Number.isFinite(value) ? value : null;
}

function severityOf(said: string | null): AssertionResult['severity'] {
  const word = said?.toUpperCase();
  if (word === undefined) return null;
  return word.startsWith('WARN') ? 'WARN' : 'ERROR';
}
