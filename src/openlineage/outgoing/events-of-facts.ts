import type { Asset } from '../../catalog/model/asset.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import {
  EventMaker,
  facets,
  facetsOf,
  type Outgoing,
  type OutgoingDataset,
  type OutgoingEventType,
  type OutgoingFacet,
  type OutgoingFacets,
  type OutgoingJob,
} from '../../importers/events/outgoing.js';
import type { RunState } from '../../lineage/runs/run.js';
import { carbonOf } from '../../training/jobs/energy.js';
import type { TrainingJob } from '../../training/jobs/job.js';
import type {
  AssetFacts,
  ColumnFact,
  FlowFacts,
  NamedAsset,
  QualityFact,
  ReleaseFacts,
  RunFacts,
  VersionFact,
} from './facts.js';
import { ownFacets, PRODUCER, withoutNothing } from './own-facets.js';
import { qualityFacets } from './quality-facets.js';

/** What was asked for and decided: a launch, or a release. */
export interface Decision {
  /** As the audit log calls it: training:launch, model:deploy. */
  action: string;
  outcome: 'ALLOWED' | 'DENIED';
  decidedAt: Date;
  /** What was in the way. */
  reasons: readonly { rule: string; asset: string | null }[];
}

/** How much of a lineage an export holds. */
export interface ExportFacts {
  assets: number;
  /** Assets that the caller may not see: not told of. */
  withheldAssets: number;
}

const END_OF: Readonly<Record<RunState, OutgoingEventType | null>> = {
  ...{ QUEUED: null, RUNNING: null },
  ...{ SUCCEEDED: 'COMPLETE', FAILED: 'FAIL', CANCELLED: 'ABORT' },
};

/** Facets of runs that others reported and that say nothing which is not for all who see the run. */
const PASSED_ON = ['nominalTime', 'processing_engine', 'externalQuery'];

/** Makes events of OpenLineage of what is in the graph: the same facts make the same events, to the byte. */
export class EventsOfFacts {
  private readonly events = new EventMaker(PRODUCER);
  private readonly facet = facetsOf(PRODUCER);
  private readonly own: ReturnType<typeof ownFacets>;

  /** `publicUrl`: where others reach this server; grams of CO2 equivalents a kWh, null: not known. */
  constructor(
    publicUrl: string,
    private readonly gridIntensity: number | null,
  ) {
    this.own = ownFacets(publicUrl);
  }

  /** That a run began, or goes on in another attempt. null: it has not begun. */
  runBegan(facts: RunFacts, eventType: 'START' | 'RUNNING'): Outgoing | null {
    const { startedAt } = facts.run;
    return startedAt && this.runEvent(facts, eventType, startedAt);
  }

  /** How a run ended; null: it has not. */
  runEnded(facts: RunFacts): Outgoing | null {
    const { state, endedAt } = facts.run;
    const end = END_OF[state];
    return end && endedAt && this.runEvent(facts, end, endedAt);
  }

  private runEvent(facts: RunFacts, eventType: OutgoingEventType, at: Date): Outgoing {
    const { run, job, read, made, training, parent } = facts;
    const isEnd = eventType !== 'START' && eventType !== 'RUNNING';
    return this.events.run({
      ...{ eventTime: at.toISOString(), eventType, runId: run.externalId ?? run.id },
      facets: facetsGiven({
        ...passedOn(run.facets),
        parent:
          parent &&
          this.facet('ParentRunFacet', {
            ...{ run: { runId: parent.runId }, job: { namespace: parent.namespace, name: parent.name } },
          }),
        errorMessage: isEnd ? this.errorOf(facts) : null,
        weftline_gpu: training && this.gpuOf(training),
        weftline_energy: isEnd && training ? this.energyOf(training) : null,
        weftline_decision: training && this.decision('WeftlineDecisionRunFacet', allowed(training)),
      }),
      job: this.jobOf(job, run.facets['sourceCodeLocation']),
      // What it was taken to have read is not said to others as what it read: they work it out as it was here.
      inputs: read.map((each) => this.versioned(each, { named: !each.inferred })),
      outputs: isEnd ? made.map((each) => this.written(each)) : [],
    });
  }

  /** What a program that was launched said when it failed is for who may EDIT what ran: others learn the kind of it. */
  private errorOf({ run, training }: RunFacts): OutgoingFacet | null {
    const message = training ? (training.failure?.code ?? null) : run.error;
    return message === null ? null : this.facet('ErrorMessageRunFacet', { message, programmingLanguage: 'unknown' });
  }

  private gpuOf({ launcher, resources, usage }: TrainingJob): OutgoingFacet {
    const gpuSeconds = usage?.gpuSeconds ?? null;
    return this.own('WeftlineGpuRunFacet', {
      ...{ launcher, gpus: resources.gpus, gpuType: resources.gpuType, nodes: resources.nodes },
      ...{ gpuSeconds, gpuHours: gpuSeconds === null ? null : gpuSeconds / 3_600 },
    });
  }

  private energyOf({ usage }: TrainingJob): OutgoingFacet | null {
    const account = usage?.account;
    if (!account) return null;
    const { joules, method, coverage } = account;
    return this.own('WeftlineEnergyRunFacet', {
      ...{ joules, method, coverage, carbonGrams: carbonOf(joules, this.gridIntensity) },
    });
  }

  private decision(schema: 'WeftlineDecisionRunFacet' | 'WeftlineDecisionJobFacet', said: Decision): OutgoingFacet {
    const { action, outcome, decidedAt, reasons } = said;
    return this.own(schema, {
      ...{ action, outcome, decidedAt: decidedAt.toISOString() },
      reasons: reasons.map((reason) => withoutNothing(reason)),
    });
  }

  /** That something was asked for and denied: nothing ran, so it is said of the job. */
  denied(of: Asset, decision: Decision): Outgoing {
    const job = this.jobOf(of);
    const weftline_decision = this.decision('WeftlineDecisionJobFacet', decision);
    return this.events.job({
      eventTime: decision.decidedAt.toISOString(),
      job: { ...job, facets: { ...job.facets, weftline_decision } },
      ...{ inputs: [], outputs: [] },
    });
  }

  /** That a model version began to serve, and that it ended: a run of the job that serves. [START] while it serves. */
  releaseEvents({ release, deployment, version }: ReleaseFacts): Outgoing[] {
    const decision: Decision = { action: 'model:deploy', outcome: 'ALLOWED', decidedAt: release.from, reasons: [] };
    const said = {
      runId: release.id,
      facets: { weftline_decision: this.decision('WeftlineDecisionRunFacet', decision) },
      job: this.jobOf(deployment),
      inputs: version ? [this.versioned(version, { named: true })] : [],
      outputs: [],
    };
    const began = this.events.run({ ...said, eventType: 'START', eventTime: release.from.toISOString() });
    if (!release.until) return [began];
    return [began, this.events.run({ ...said, eventType: 'COMPLETE', eventTime: release.until.toISOString() })];
  }

  /** What an asset is. */
  asset({ asset, fields }: AssetFacts, more: OutgoingFacets = {}): Outgoing {
    const eventTime = asset.updatedAt.toISOString();
    if (asset.kind !== 'DATASET' && asset.kind !== 'MODEL') {
      const job = this.jobOf(asset);
      return this.events.job({
        eventTime,
        job: { ...job, facets: { ...job.facets, ...more } },
        inputs: [],
        outputs: [],
      });
    }
    return this.events.dataset(eventTime, {
      ...this.named(asset, {
        schema: fields.length === 0 ? null : this.facet('SchemaDatasetFacet', { fields: fields.map(schemaField) }),
        documentation: asset.description
          ? this.facet('DocumentationDatasetFacet', { description: asset.description })
          : null,
        tags: asset.tags.length === 0 ? null : this.facet('TagsDatasetFacet', { tags: asset.tags.map(tagOf) }),
        ...more,
      }),
    });
  }

  /** How much an export holds, said of what it is of: its last line. */
  exported(facts: AssetFacts, { assets, withheldAssets }: ExportFacts): Outgoing {
    const ofJob = facts.asset.kind === 'TRANSFORMATION' || facts.asset.kind === 'DEPLOYMENT';
    const said = { assets, withheldAssets, complete: withheldAssets === 0 };
    return this.asset(facts, {
      weftline_export: this.own(ofJob ? 'WeftlineExportJobFacet' : 'WeftlineExportDatasetFacet', said),
    });
  }

  /** That a version is there. */
  version(version: VersionFact): Outgoing {
    return this.events.dataset(version.madeAt.toISOString(), this.versioned(version, { named: true }));
  }

  /** What flows through a job; columns: a part of those of one of its outputs. */
  flows(job: Asset, { inputs, outputs, since }: FlowFacts, columns: readonly ColumnFact[] = []): Outgoing {
    const columnLineage = columns.length === 0 ? null : this.columnsOf(columns);
    return this.events.job({
      eventTime: (since ?? job.createdAt).toISOString(),
      job: this.jobOf(job),
      inputs: inputs.map((each) => this.named(each)),
      outputs: outputs.map((each) => this.named(each, { columnLineage })),
    });
  }

  private columnsOf(columns: readonly ColumnFact[]): OutgoingFacet {
    const fields = new Map<string, object[]>();
    for (const { source, field, type, subtype, description, masking } of columns) {
      const transformations = [withoutNothing({ type, subtype, description, masking })];
      const { namespace, name } = source;
      fields.set(field, [...(fields.get(field) ?? []), { namespace, name, field: source.field, transformations }]);
    }
    const entries = [...fields].map(([field, inputFields]): [string, object] => [field, { inputFields }]);
    return this.facet('ColumnLineageDatasetFacet', { fields: Object.fromEntries(entries) });
  }

  /** What was measured of a data set at one time, by one source. */
  quality(dataset: NamedAsset, results: readonly QualityFact[]): Outgoing {
    const [first] = results;
    if (!first) throw new Error('An event of quality needs a result.');
    const version = first.version;
    return this.events.dataset(
      first.result.measuredAt.toISOString(),
      this.named(dataset, {
        version: version === null ? null : this.facet('DatasetVersionDatasetFacet', { datasetVersion: version }),
        ...qualityFacets(this.facet, results),
      }),
    );
  }

  private jobOf({ kind, namespace, name, description, environment }: Asset, code?: unknown): OutgoingJob {
    const jobType = kind === 'DEPLOYMENT' ? 'SERVING' : 'TRANSFORMATION';
    const processingType = kind === 'DEPLOYMENT' ? 'SERVICE' : 'BATCH';
    return {
      ...{ namespace, name },
      facets: facets({
        jobType: this.facet('JobTypeJobFacet', { processingType, integration: 'WEFTLINE', jobType }),
        documentation: description ? this.facet('DocumentationJobFacet', { description }) : null,
        weftline_deployment: kind === 'DEPLOYMENT' ? this.own('WeftlineDeploymentJobFacet', { environment }) : null,
        sourceCodeLocation: isCode(code)
          ? this.facet('SourceCodeLocationJobFacet', withoutNothing({ ...code, type: code.type ?? 'git' }))
          : null,
      }),
    };
  }

  private named(
    { kind, namespace, name }: { kind: AssetKind; namespace: string; name: string },
    more: Readonly<Record<string, OutgoingFacet | null>> = {},
  ): OutgoingDataset {
    const datasetType = kind === 'MODEL' ? this.facet('DatasetTypeDatasetFacet', { datasetType: 'MODEL' }) : null;
    return { namespace, name, facets: facets({ datasetType, ...more }) };
  }

  private versioned(version: VersionFact, { named }: { named: boolean }): OutgoingDataset {
    if (!named) return this.named(version);
    const { digest, rowCount, bytes } = version;
    const about = { digest, rowCount: plain(rowCount), bytes: plain(bytes) };
    return this.named(version, {
      version: this.facet('DatasetVersionDatasetFacet', { datasetVersion: version.version }),
      weftline_version: this.own('WeftlineVersionDatasetFacet', about),
    });
  }

  private written(version: VersionFact): OutgoingDataset {
    const { rowCount, bytes } = version;
    const statistics = withoutNothing({ rowCount: plain(rowCount), size: plain(bytes) });
    const hasAny = Object.keys(statistics).length > 0;
    const outputStatistics = hasAny ? this.facet('OutputStatisticsOutputDatasetFacet', statistics) : null;
    return { ...this.versioned(version, { named: true }), outputFacets: facets({ outputStatistics }) };
  }
}

const facetsGiven = facets;

/** What a number of JSON holds exactly; else nothing is said. */
const plain = (count: bigint | null): number | null =>
  count === null || count > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(count);

const allowed = ({ createdAt }: TrainingJob): Decision => ({
  ...{ action: 'training:launch', outcome: 'ALLOWED', decidedAt: createdAt, reasons: [] },
});

const schemaField = ({ name, type, description }: AssetFacts['fields'][number], index: number): object =>
  withoutNothing({ name, type, description, ordinal_position: index + 1 });

/** A tag of Weftline is a word; OpenLineage has keys with values. */
const tagOf = (tag: string): object => ({ key: tag, value: 'true', source: 'WEFTLINE' });

function passedOn(given: Readonly<Record<string, unknown>>): Record<string, OutgoingFacet> {
  const whole = Object.entries(given).filter(
    (entry): entry is [string, OutgoingFacet] => PASSED_ON.includes(entry[0]) && isFacet(entry[1]),
  );
  return Object.fromEntries(whole);
}

const isFacet = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && '_producer' in value && '_schemaURL' in value;

interface Code {
  type?: string;
  url: string;
}

const isCode = (value: unknown): value is Code =>
  typeof value === 'object' && value !== null && 'url' in value && typeof value.url === 'string';
