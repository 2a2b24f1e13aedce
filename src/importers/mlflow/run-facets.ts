import { facets, type OutgoingFacet, type OutgoingFacets } from '../events/outgoing.js';
import type { Experiment, Metric, MlflowRun } from './answers.js';
import { datasetNameOf } from './dataset-names.js';
import type { History } from './tracking-server.js';
import { ownFacet, tagOf, timeOf, told } from './words.js';

/** The histories of the metrics of a run, by name. */
export type Histories = ReadonlyMap<string, History>;

/** Points of all metrics of a run together: a facet holds no more, and a curve needs none. */
const MOST_POINTS = 3_000;
const MOST_METRICS = 2_000;

/** What MLflow knows of a run and OpenLineage has no facet for. */
export function ownRunFacets(
  run: MlflowRun,
  histories: Histories,
  place: { server: string; experiment: Experiment },
): OutgoingFacets {
  const { info, data } = run;
  const params = told(data.params);
  const tags = told(data.tags);
  const metrics = [...data.metrics].sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, MOST_METRICS);
  return facets({
    mlflow_run: ownFacet('MlflowRunFacet', {
      runId: info.run_id,
      name: info.run_name,
      user: info.user_id,
      status: info.status,
      lifecycleStage: info.lifecycle_stage,
      artifactUri: info.artifact_uri,
      params: params.values,
      tags: tags.values,
      ...cutOf({ params: params.cut, tags: tags.cut }),
      metrics: Object.fromEntries(metrics.map(({ key, value }) => [key, value])),
      datasets: run.inputs.dataset_inputs.map((input) => ({
        ...datasetNameOf(input, place.server, place.experiment),
        mlflowName: input.dataset.name,
        digest: input.dataset.digest,
        context: tagOf(input.tags, 'mlflow.data.context'),
        tags: told(input.tags).values,
      })),
    }),
    mlflow_metricHistory: histories.size === 0 ? null : historyFacet(histories),
  });
}

const cutOf = (cut: { params: string[]; tags: string[] }): object =>
  cut.params.length + cut.tags.length === 0 ? {} : { cut };

/** Of each metric its points; of very many those that are as far from each other, the first and the last among them. */
function historyFacet(histories: Histories): OutgoingFacet {
  const names = [...histories.keys()].sort().slice(0, MOST_METRICS);
  const each = Math.max(2, Math.floor(MOST_POINTS / names.length));
  const metrics = names.map((name) => {
    const { points, cut } = histories.get(name) ?? { points: [], cut: false };
    const shown = thinned(inOrder(points), each);
    return {
      name,
      points: points.length,
      complete: !cut && shown.length === points.length,
      history: shown.map(({ step, timestamp, value }) => ({ step, at: timeOf(timestamp), value })),
    };
  });
  return ownFacet('MlflowMetricHistoryFacet', { metrics });
}

const inOrder = (points: readonly Metric[]): Metric[] =>
  [...points].sort(
    (a, b) => a.step - b.step || a.timestamp - b.timestamp || (String(a.value) < String(b.value) ? -1 : 1),
  );

function thinned(points: readonly Metric[], most: number): readonly Metric[] {
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, at) => points[Math.round((at * (points.length - 1)) / (most - 1))]).filter(
    (point) => point !== undefined,
  );
}
