import {
  type DatasetName,
  facets,
  type Outgoing,
  type OutgoingDataset,
  type OutgoingEventType,
  type OutgoingFacets,
  type OutgoingJob,
} from '../events/outgoing.js';
import type { Experiment, LoggedModel, MlflowRun } from './answers.js';
import { inputOf } from './dataset-names.js';
import { lastMeasured, type Measured, measuredBy, measuredFacets } from './measured.js';
import { type Histories, ownRunFacets } from './run-facets.js';
import { events, facet, ownFacet, runIdFor, tagOf, timeOf, told } from './words.js';

/** Where a run belongs. */
export interface RunPlace {
  server: string;
  experiment: Experiment;
  /** Of the runs that are known so far, the experiment they are of. */
  experimentOf: (runId: string) => string | null;
}

/** The model that an experiment logs by that name: each one logged is a version. */
export const loggedModelName = (server: string, experiment: Experiment, { info }: LoggedModel): DatasetName => ({
  namespace: server,
  name: `${experiment.name}/${info.name === '' ? info.model_id : info.name}`,
});

/** A version of a model as data that is read or made. */
export const modelDataset = (name: DatasetName, version: string, more: OutgoingFacets = {}): OutgoingDataset => ({
  ...name,
  facets: facets({
    datasetType: facet('DatasetTypeDatasetFacet', { datasetType: 'MODEL' }),
    version: facet('DatasetVersionDatasetFacet', { datasetVersion: version }),
    ...more,
  }),
});

/** The job that runs of an experiment are of. */
export function experimentJob(server: string, experiment: Experiment): OutgoingJob {
  const tags = experiment.tags.filter(({ key }) => key !== NOTE).map((each) => ({ ...each, source: 'MLFLOW' }));
  const note = tagOf(experiment.tags, NOTE);
  return {
    namespace: server,
    name: experiment.name,
    facets: facets({
      ...jobTypeFacet('EXPERIMENT'),
      documentation: note === null || note === '' ? null : facet('DocumentationJobFacet', { description: note }),
      tags: tags.length === 0 ? null : facet('TagsJobFacet', { tags }),
      mlflow_experiment: ownFacet('MlflowExperimentFacet', {
        experimentId: experiment.experiment_id,
        lifecycleStage: experiment.lifecycle_stage,
        artifactLocation: experiment.artifact_location,
        createdAt: timeOf(experiment.creation_time),
      }),
    }),
  };
}

const NOTE = 'mlflow.note.content';

export const jobTypeFacet = (jobType: string): OutgoingFacets => ({
  jobType: facet('JobTypeJobFacet', { processingType: 'BATCH', integration: 'MLFLOW', jobType }),
});

export function experimentEvent(server: string, experiment: Experiment): Outgoing {
  const eventTime = timeOf(Math.max(experiment.last_update_time, experiment.creation_time));
  return events.job({ eventTime, job: experimentJob(server, experiment), inputs: [], outputs: [] });
}

const ENDS: Readonly<Record<string, OutgoingEventType>> = { FINISHED: 'COMPLETE', FAILED: 'FAIL', KILLED: 'ABORT' };

/** That a run began, and what is known of it at its end, or so far. */
export function runEvents(
  place: RunPlace,
  run: MlflowRun,
  known: { histories: Histories; models: ReadonlyMap<string, LoggedModel> },
): Outgoing[] {
  const { server, experiment } = place;
  const { info, data, inputs, outputs } = run;
  const measured = data.metrics.reduce((last, { timestamp }) => Math.max(last, timestamp), 0);
  const began = info.start_time || info.end_time || measured || experiment.creation_time;
  const model = (id: string): OutgoingDataset[] => {
    const found = known.models.get(id);
    return found === undefined ? [] : [modelDataset(loggedModelName(server, experiment, found), id)];
  };
  const read = distinct([
    ...inputs.dataset_inputs.map((input) => inputOf(input, server, experiment)),
    ...inputs.model_inputs.flatMap(({ model_id: id }) => model(id)),
  ]);
  const made = [...new Set(outputs.model_outputs.map(({ model_id: id }) => id))].sort().flatMap(model);
  const said = { runId: runIdFor(server, info.run_id), job: jobOf(place, run) };
  const parent = parentFacets(place, run);
  const eventType = ENDS[info.status] ?? 'RUNNING';
  const ended = eventType === 'RUNNING' ? Math.max(began, measured) : Math.max(info.end_time || measured, began);
  return [
    events.run({ ...said, eventTime: timeOf(began), eventType: 'START', facets: parent, inputs: [], outputs: [] }),
    events.run({
      ...said,
      eventTime: timeOf(ended),
      eventType,
      facets: { ...parent, ...ownRunFacets(run, known.histories, place), ...errorFacet(run) },
      inputs: read,
      outputs: made,
    }),
  ];
}

/** Each once: a run that logs the same input in two contexts read it once. */
function distinct(datasets: readonly OutgoingDataset[]): OutgoingDataset[] {
  return [...new Map(datasets.map((each) => [JSON.stringify(each), each])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, each]) => each);
}

function jobOf({ server, experiment }: RunPlace, { data }: MlflowRun): OutgoingJob {
  const job = experimentJob(server, experiment);
  const [url, version] = [tagOf(data.tags, 'mlflow.source.git.repoURL'), tagOf(data.tags, 'mlflow.source.git.commit')];
  if (url === null || url === '') return job;
  const path = tagOf(data.tags, 'mlflow.source.name');
  const said = { type: 'git', url, ...(version === null ? {} : { version }), ...(path === null ? {} : { path }) };
  return { ...job, facets: { ...job.facets, sourceCodeLocation: facet('SourceCodeLocationJobFacet', said) } };
}

function parentFacets({ server, experiment, experimentOf }: RunPlace, { data }: MlflowRun): OutgoingFacets {
  const parent = tagOf(data.tags, 'mlflow.parentRunId');
  if (parent === null || parent === '') return {};
  const job = { namespace: server, name: experimentOf(parent) ?? experiment.name };
  return { parent: facet('ParentRunFacet', { run: { runId: runIdFor(server, parent) }, job }) };
}

/** MLflow keeps no message of a failure: only that there was one. */
function errorFacet({ info }: MlflowRun): OutgoingFacets {
  if (info.status !== 'FAILED') return {};
  const message = 'MLflow keeps the run as FAILED and not why.';
  return { errorMessage: facet('ErrorMessageRunFacet', { message, programmingLanguage: 'PYTHON' }) };
}

/** What is known of a logged model, whichever run made it; `maker`: what was measured of that, where it was met. */
export function loggedModelEvent(
  server: string,
  experiment: Experiment,
  { model, maker }: { model: LoggedModel; maker: Measured | null },
): Outgoing {
  const { info, data } = model;
  const params = told(data.params);
  const measured = [measuredBy(model), ...(maker ? [maker] : [])];
  const time = Math.max(info.last_updated_timestamp_ms, info.creation_timestamp_ms, lastMeasured(measured));
  return events.dataset(
    timeOf(time),
    modelDataset(loggedModelName(server, experiment, model), info.model_id, {
      ...measuredFacets(measured),
      mlflow_loggedModel: ownFacet('MlflowLoggedModelFacet', {
        modelId: info.model_id,
        name: info.name,
        status: info.status,
        modelType: info.model_type,
        artifactUri: info.artifact_uri,
        sourceRunId: info.source_run_id,
        params: params.values,
        tags: told(info.tags).values,
        metrics: data.metrics
          .map(({ key, value, step, timestamp }) => ({ name: key, value, step, at: timeOf(timestamp) }))
          .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.step - b.step))
          .slice(0, 1_000),
      }),
    }),
  );
}
