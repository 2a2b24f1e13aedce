import { facets, type Outgoing, type OutgoingDataset, type OutgoingJob, runIdOf } from '../events/outgoing.js';
import type { ModelVersion, RegisteredModel } from './answers.js';
import { lastMeasured, type Measured, measuredFacets } from './measured.js';
import { jobTypeFacet, modelDataset } from './run-events.js';
import { events, facet, ownFacet, runIdFor, timeOf, told } from './words.js';

/** What is known by the time that registered models are told of. */
export interface KnownRuns {
  server: string;
  /** The job that a run is of; null: it was not met. */
  jobOf: (runId: string) => OutgoingJob | null;
  /** A logged model as data; null: it was not met. */
  loggedModel: (modelId: string) => OutgoingDataset | null;
  /** What was measured of a run, or of a logged model; null: it was not met. */
  measuredOf: (id: string) => Measured | null;
}

/** A registered model with what holds of it now: versions with their stage and tags, aliases. */
export function registeredModelEvent(
  server: string,
  model: RegisteredModel,
  versions: readonly ModelVersion[],
): Outgoing {
  const time = Math.max(model.last_updated_timestamp, model.creation_timestamp, ...versions.map(changedAt));
  return events.dataset(timeOf(time), {
    namespace: server,
    name: model.name,
    facets: facets({
      datasetType: facet('DatasetTypeDatasetFacet', { datasetType: 'MODEL' }),
      documentation:
        model.description === '' ? null : facet('DocumentationDatasetFacet', { description: model.description }),
      mlflow_registeredModel: ownFacet('MlflowRegisteredModelFacet', {
        name: model.name,
        tags: told(model.tags).values,
        aliases: Object.fromEntries(
          [...model.aliases].sort((a, b) => (a.alias < b.alias ? -1 : 1)).map(({ alias, version }) => [alias, version]),
        ),
        versions: versions.slice(-MOST_VERSIONS).map((version) => ({
          version: version.version,
          stage: version.current_stage,
          status: version.status,
          description: version.description,
          source: version.source,
          runId: version.run_id,
          tags: told(version.tags).values,
          createdAt: timeOf(version.creation_timestamp),
        })),
      }),
    }),
  });
}

/** The latest of one model; those before are in the events of the runs that made them. */
const MOST_VERSIONS = 500;

const changedAt = (version: ModelVersion): number =>
  Math.max(version.last_updated_timestamp, version.creation_timestamp);

/** That a version was registered: an output of the run it names, else of a registration of its own. */
export function modelVersionEvent(known: KnownRuns, version: ModelVersion): Outgoing {
  const { server } = known;
  const output = modelDataset({ namespace: server, name: version.name }, version.version);
  const eventTime = timeOf(version.creation_timestamp);
  const job = version.run_id === '' ? null : known.jobOf(version.run_id);
  if (job !== null) {
    const runId = runIdFor(server, version.run_id);
    return events.run({ eventTime, eventType: 'OTHER', runId, job, facets: {}, inputs: [], outputs: [output] });
  }
  const from = loggedIn(version);
  const logged = from === null ? null : known.loggedModel(from);
  return events.run({
    eventTime,
    eventType: 'COMPLETE',
    runId: runIdOf('mlflow', server, 'registration', version.name, version.version),
    job: { namespace: server, name: `registration/${version.name}`, facets: jobTypeFacet('REGISTRATION') },
    facets: {},
    inputs: logged === null ? [] : [logged],
    outputs: [output],
  });
}

/** The logged model that was registered; null: something else was. */
const loggedIn = ({ source }: ModelVersion): string | null => /^models:\/(m-[\w-]{1,100})$/.exec(source)?.[1] ?? null;

/** What was measured of a version, of what was registered and of the run that it names; [] where nothing is known. */
export function measuredVersionEvents({ server, measuredOf }: KnownRuns, version: ModelVersion): Outgoing[] {
  const measured = [loggedIn(version), version.run_id].flatMap((id) => (id === null ? [] : (measuredOf(id) ?? [])));
  const said = measuredFacets(measured);
  if (Object.keys(said).length === 0) return [];
  const time = Math.max(changedAt(version), lastMeasured(measured));
  return [events.dataset(timeOf(time), modelDataset({ namespace: server, name: version.name }, version.version, said))];
}
