import { canonicalHashInSteps } from '../../audit/record/canonical-json.js';
import { badInput, limitExceeded } from '../../errors.js';
import { checkJsonInSteps, isPlainObject, type JsonLimits } from '../../json/limits.js';
import { faultOfSize } from './bounds.js';
import type {
  DatasetEvent,
  EventDataset,
  EventInput,
  EventJob,
  EventOutput,
  EventType,
  Facets,
  JobEvent,
  LineageEvent,
  RunEvent,
} from './event.js';
import { type EventKind, issuesIn } from './event.schema.js';
import { timeOf } from './event-time.js';
import { faultsIn } from './faults.js';
import { atOnce, inTurns } from '../../turn.js';

/** Of objects and lists within each other in an event: enough for structs within structs, twenty of them. */
export const MOST_LEVELS = 64;

/** The size is bounded where the bytes come in. */
const LIMITS: JsonLimits = { maxDepth: MOST_LEVELS, maxBytes: 64 * 1024 * 1024, maxEntries: 500_000 };

/**
 * An event of OpenLineage, checked: by its structure, as the official schemas do, and by the bounds of what can be kept. What
 * these schemas call a format (a URI, a UUID) only advises. Throws BAD_USER_INPUT or LIMIT_EXCEEDED and names the place.
 *
 * `kept` is what becomes of the event, where that is not quite what was checked: whole numbers beyond 2^53 as their digits.
 */
export function parseEvent(value: unknown, kept: unknown = value): LineageEvent {
  return atOnce(parseInSteps(value, kept));
}

/** The same, with the turns of others in between: ten megabytes take seconds. */
export function parseEventInTurns(value: unknown, kept: unknown): Promise<LineageEvent> {
  return inTurns(parseInSteps(value, kept));
}

function* parseInSteps(value: unknown, kept: unknown): Generator<undefined, LineageEvent, undefined> {
  const fault = yield* checkJsonInSteps(value, LIMITS);
  if (fault !== null) throw badInput(`The event ${fault}.`);
  if (!isPlainObject(value)) throw badInput('The event must be a JSON object.');
  const size = faultOfSize(value);
  if (size !== null) throw limitExceeded(size);
  yield;
  const kind = yield* kindOf(value);
  return eventOf(kind, kept as Sent, yield* canonicalHashInSteps(kept));
}

type Given = Readonly<Record<string, unknown>>;

function* kindOf(value: Given): Generator<undefined, EventKind, undefined> {
  const [hasRun, hasJob, hasDataset] = ['run', 'job', 'dataset'].map((key) => Object.hasOwn(value, key));
  if (hasJob && hasDataset && !hasRun) return yield* kindOfEither(value);
  if (hasJob) return yield* checked(hasRun ? 'RUN' : 'JOB', value);
  if (hasDataset) return yield* checked('DATASET', value);
  if (hasRun) return yield* checked('RUN', value);
  throw badInput('The event must have a run and a job, a job alone, or a dataset.');
}

/** The spec wants exactly one kind to fit, however much there is beside it. */
function* kindOfEither(value: Given): Generator<undefined, EventKind, undefined> {
  const isJob = (yield* issuesIn('JOB', value)).length === 0;
  const isDataset = (yield* issuesIn('DATASET', value)).length === 0;
  if (isJob && isDataset) throw badInput('The event has both a job and a dataset: it must be about one of them.');
  return isDataset ? 'DATASET' : yield* checked('JOB', value);
}

function* checked(kind: EventKind, value: Given): Generator<undefined, EventKind, undefined> {
  const issues = yield* issuesIn(kind, value);
  if (issues.length > 0) throw badInput(faultsIn(issues));
  return kind;
}

interface SentNamed {
  namespace: string;
  name: string;
  facets?: Facets;
}
type SentDataset = SentNamed & { inputFacets?: Facets; outputFacets?: Facets };

/** What the schemas have made sure of. */
interface Sent {
  eventTime: string;
  producer: string;
  schemaURL: string;
  eventType?: EventType;
  run: { runId: string; facets?: Facets };
  job: SentNamed;
  dataset: SentNamed;
  inputs?: readonly SentDataset[];
  outputs?: readonly SentDataset[];
}

function eventOf(kind: EventKind, sent: Sent, digest: string): LineageEvent {
  const { producer, schemaURL } = sent;
  const eventTime = timeOf(sent.eventTime);
  if (!eventTime)
    throw badInput(
      `eventTime is ${JSON.stringify(sent.eventTime.slice(0, 60))}, which is no time as 2026-11-29T12:00:00Z.`,
    );
  const base = { eventTime, producer, schemaURL, digest };
  if (kind === 'DATASET') return { ...base, kind, dataset: namedOf(sent.dataset) } satisfies DatasetEvent;
  const flows = {
    job: namedOf(sent.job) satisfies EventJob,
    inputs: (sent.inputs ?? []).map(inputOf),
    outputs: (sent.outputs ?? []).map(outputOf),
  };
  if (kind === 'JOB') return { ...base, kind, ...flows } satisfies JobEvent;
  const { runId, facets = {} } = sent.run;
  const run = { eventType: sent.eventType ?? null, runId: runId.toLowerCase(), runFacets: facets };
  return { ...base, kind, ...run, ...flows } satisfies RunEvent;
}

const namedOf = ({ namespace, name, facets = {} }: SentNamed): EventDataset => ({ namespace, name, facets });
const inputOf = (sent: SentDataset): EventInput => ({ ...namedOf(sent), inputFacets: sent.inputFacets ?? {} });
const outputOf = (sent: SentDataset): EventOutput => ({ ...namedOf(sent), outputFacets: sent.outputFacets ?? {} });
