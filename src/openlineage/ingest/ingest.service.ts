import { entryOf } from '../../audit/record/record.js';
import { type Actor, actorId } from '../../auth/actor.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { NewField } from '../../catalog/assets/dataset-fields.repository.js';
import { type Draft, draftOf } from '../../catalog/registration/registration.draft.js';
import { UrnTakenMeanwhile } from '../../catalog/registration/registration.repository.js';
import type { RegistrationService } from '../../catalog/registration/registration.service.js';
import { ErrorCode, forbidden, WeftlineError } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { ConstraintViolation } from '../../neo4j/driver-errors.js';
import { invisibleIn } from '../../spelling.js';
import type { LineageEvent } from '../event/event.js';
import { facetOf } from '../event/facet.js';
import type { Joining } from '../../access/aliases/joining.service.js';
import type { EventIngest, IngestOutcome } from './ingest.port.js';
import type { IngestRepository, ReportedAsset } from './ingest.repository.js';
import { type Named } from '../reading/names.js';
import { type Reading, readingOf } from '../reading/reading.js';
import { NOTHING_REPORTED } from './dataset-record.js';
import { facetRows } from './reported-facets.js';
import { mayKnowOf, mayTellOf, refusalFor } from './reporting-rights.js';
import type { AssetsByUrn, SaidWriter, Taken } from './taken.js';
import { fieldsAfter, saidOfDatasets } from './said-of-datasets.js';
import { mapInTurns } from '../../turn.js';
import type { NewNames, ReportedNames } from './reported-names.service.js';
import { symlinksIn } from './symlinks.js';
import type { ReportedFlows } from './reported-flows.service.js';
import type { ReportedReleases } from './reported-releases.service.js';
import type { ReportedRuns } from './reported-runs.service.js';

/** Each time, somebody else has just brought in one of the same names or events. */
const ATTEMPTS = 5;

/**
 * Takes events into the graph, all that are given in one transaction: each kind of thing they tell of is one statement for all of them.
 * What one source said before is known again by its content and left out.
 */
export class IngestService implements EventIngest {
  constructor(
    private readonly graph: Graph,
    private readonly rows: IngestRepository,
    private readonly registrations: RegistrationService,
    private readonly assets: AssetService,
    private readonly flows: ReportedFlows,
    private readonly runs: ReportedRuns,
    private readonly releases: ReportedReleases,
    private readonly others: readonly SaidWriter[],
    private readonly joining: Joining,
    private readonly names: ReportedNames,
    private readonly now: () => Date,
  ) {}

  /** What became of each. Throws UNAVAILABLE, and what is a fault of ours. */
  async ingest(actor: Actor, events: readonly LineageEvent[]): Promise<readonly IngestOutcome[]> {
    const outcomes: IngestOutcome[] = events.map(() => ({ ok: true }));
    const now = this.now();
    const read = await mapInTurns(events.entries(), ([place, event]): Taken[] => {
      try {
        return [{ place, key: `${actorId(actor)} ${event.digest}`, reading: readingOf(event, now) }];
      } catch (error) {
        outcomes[place] = refusalOf(error);
        return [];
      }
    });
    const taken = read.flat();
    const keyAt = new Map(taken.map(({ place, key }) => [place, key]));
    for (let attempt = 1; ; attempt++) {
      try {
        const { refused, fresh } = await this.graph.write(actor.origin, (tx) => this.enter(tx, actor, taken));
        // An event that came twice was refused twice.
        const why = new Map([...refused].map(([place, error]) => [keyAt.get(place), error]));
        for (const { place, key } of taken) {
          const error = why.get(key);
          outcomes[place] = error ? refusalOf(error) : { ok: true, repeated: !fresh.has(place) };
        }
        return outcomes;
      } catch (error) {
        const again = error instanceof UrnTakenMeanwhile || error instanceof ConstraintViolation;
        if (!again || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** Which events were not known before, and which of these were refused, and why. */
  private async enter(
    tx: WriteTransaction,
    actor: Actor,
    given: readonly Taken[],
  ): Promise<{ refused: Map<number, WeftlineError>; fresh: ReadonlySet<number> }> {
    const named = namesIn(given);
    const symlinks = symlinksIn(given);
    const others = [...symlinks.names, ...symlinks.places].map(({ name }) => name.key);
    const keys = [...new Set([...[...named.values()].map(({ key }) => key), ...others])];
    const [known, names] = await Promise.all([
      this.rows.knownEvents(
        tx,
        given.map(({ key }) => key),
      ),
      this.rows.assetsNamed(tx, keys),
    ]);
    const fresh = distinct(given.filter(({ key }) => !known.has(key)));
    const places = new Set(fresh.map(({ place }) => place));
    if (fresh.length === 0) return { refused: new Map(), fresh: places };
    // What was joined into another is taken in as if it were not, and then gathered.
    const apart = await this.joining.apart(tx, names.joined);
    const { ids } = apart.length === 0 ? names : await this.rows.assetsNamed(tx, keys);
    const refused = await this.enterFresh(tx, actor, fresh, ids);
    await this.joining.gather(tx, actor, apart);
    return { refused, fresh: places };
  }

  private async enterFresh(
    tx: WriteTransaction,
    actor: Actor,
    fresh: readonly Taken[],
    ids: ReadonlyMap<string, string>,
  ): Promise<Map<number, WeftlineError>> {
    const refused = new Map<number, WeftlineError>();
    const { found, assets } = await this.find(tx, actor, fresh, ids);
    // Under the lock of their jobs: what is merged into must be the last that was known.
    const [runs, releases, unwelcome] = await Promise.all([
      this.runs.find(tx, fresh),
      this.releases.find(tx, fresh),
      this.refuse(tx, actor, fresh, { found, assets }),
    ]);
    for (const [place, error] of unwelcome) refused.set(place, error);
    for (const { place, reading } of fresh) {
      const owner = reading.release
        ? releases.get(reading.release.key)
        : reading.run && runs.get(reading.run.key)?.reportedBy;
      if (owner != null && owner !== actorId(actor) && !refused.has(place)) refused.set(place, notYourRun(reading));
    }
    const welcome = fresh.filter(({ place }) => !refused.has(place));
    if (welcome.length === 0) return refused;
    const names = await this.names.find(tx, actor, welcome, { assets, ids });
    const complete = await this.complete(tx, actor, welcome, { present: assets, names });
    await this.names.write(tx, actor, welcome, { assets: complete, ids, fresh: names });
    const written = { assets: complete, ...(await this.runs.write(tx, actor, welcome, { runs, assets: complete })) };
    const all = { ...written, releases: await this.releases.write(tx, actor, welcome, written) };
    // None of these waits for the answer of another, so that they are sent together.
    await Promise.all([
      this.flows.write(tx, actor, welcome, all),
      ...this.others.map((each) => each.write(tx, actor, welcome, all)),
      this.rows.writeFacets(tx, facetRows(actor, welcome, complete)),
      this.keep(tx, actor, welcome, complete),
    ]);
    return refused;
  }

  /** The assets that are there, locked, by their urns. */
  private async find(
    tx: WriteTransaction,
    actor: Actor,
    taken: readonly Taken[],
    ids: ReadonlyMap<string, string>,
  ): Promise<{ found: Map<string, Named>; assets: Map<string, ReportedAsset> }> {
    const named = namesIn(taken);
    const locked = await this.rows.lock(
      tx,
      actor,
      [...named.values()].flatMap(({ key }) => ids.get(key) ?? []),
    );
    const assets = new Map<string, ReportedAsset>();
    for (const { urn, key } of named.values()) {
      const asset = locked.get(ids.get(key) ?? '');
      if (asset) assets.set(urn, asset);
    }
    return { found: named, assets };
  }

  private async refuse(
    tx: WriteTransaction,
    actor: Actor,
    taken: readonly Taken[],
    { found, assets }: { found: ReadonlyMap<string, Named>; assets: AssetsByUrn },
  ): Promise<Map<number, WeftlineError>> {
    // What they may not know of counts as missing, so that a refusal does not tell whether it is there.
    const isKnown = (urn: string): boolean => {
      const asset = assets.get(urn);
      return asset !== undefined && mayKnowOf(actor, asset);
    };
    const missing = [...found.values()].filter(({ urn }) => !isKnown(urn));
    const closed = await this.registrations.refusals(
      tx,
      actor,
      missing.map(({ namespace }) => namespace),
    );
    const refused = new Map<number, WeftlineError>();
    for (const { place, reading } of taken) {
      const job = reading.job && assets.get(reading.job.urn);
      const error = closedTo(reading, isKnown, closed) ?? (job && refusalFor(actor, job));
      if (error) refused.set(place, error);
    }
    return refused;
  }

  /** Registers what is new and gives data sets the fields they are now said to have. */
  private async complete(
    tx: WriteTransaction,
    actor: Actor,
    taken: readonly Taken[],
    { present, names }: { present: AssetsByUrn; names: NewNames },
  ): Promise<AssetsByUrn> {
    const said = saidOfDatasets(taken, oneNameOf(present, names));
    const missing = [...namesIn(taken).values()].filter(({ urn }) => !present.has(urn) && !names.has(urn));
    const all = new Map(present);
    const marks: Parameters<IngestRepository['writeReported']>[1][number][] = [];
    if (missing.length > 0) {
      const owners = await this.rows.ownersOfNew(tx, [...new Set(missing.map(({ namespace }) => namespace))]);
      const wanted = missing.map((named) => {
        const { record, fields, digest } = fieldsAfter(said.get(named.urn), null, []);
        return {
          named,
          record,
          digest,
          draft: this.draft(actor, named, owners.get(named.namespace) ?? [], fields, taken),
        };
      });
      const outcomes = await this.registrations.enter(
        tx,
        actor,
        wanted.map(({ draft }) => draft),
      );
      for (const [index, { named, record, digest }] of wanted.entries()) {
        const outcome = outcomes[index];
        if (!outcome || 'error' in outcome) throw outcome?.error ?? new Error('A registration was not answered.');
        const { id, urn, kind, visibility } = outcome.asset;
        const rights = { visibility, ownerRoles: [], granted: [] };
        all.set(named.urn, {
          ...{ id, urn, kind, rights, record, placedBy: actorId(actor), retired: false },
          fieldsWritten: digest,
        });
        marks.push({ id, record, fields: digest });
      }
    }
    for (const [urn, { of }] of names) {
      const asset = all.get(of.urn);
      if (asset) all.set(urn, asset);
    }
    for (const [urn, each] of said) {
      const asset = present.get(urn);
      if (!asset || asset.kind !== 'DATASET' || !mayTellOf(actor, asset)) continue;
      const mark = await this.refine(tx, actor, asset, each);
      if (mark) marks.push(mark);
    }
    await this.rows.writeReported(tx, marks);
    return all;
  }

  private draft(
    actor: Actor,
    { kind, namespace, name, urn }: Named,
    owners: readonly string[],
    fields: Draft['fields'],
    taken: readonly Taken[],
  ): Draft {
    const more = kind === 'DEPLOYMENT' ? { environment: environmentOf(taken, urn) } : {};
    const draft = draftOf(actorId(actor), { kind, input: { namespace, name, ...more }, fields }, this.now());
    return { ...draft, owners: owners.map((id) => ({ id, role: 'OWNER' })) };
  }

  /** Brings the fields of a data set to what is now known of them; what is to be kept of it, null where nothing is new. */
  private async refine(
    tx: WriteTransaction,
    actor: Actor,
    asset: ReportedAsset,
    said: NonNullable<Parameters<typeof fieldsAfter>[0]>,
  ) {
    const known = asset.record ?? { ...NOTHING_REPORTED, byHand: true };
    const before = fieldsAfter(said, known, null);
    if (!before.changes)
      return before.record === asset.record ? null : { id: asset.id, record: before.record, fields: null };
    // The decision was made above, by what may be reported: whether they see it does not matter here.
    const { asset: locked } = await this.assets.lock(tx, { ...actor, role: 'ADMIN' }, asset.id);
    const present = await this.assets.fieldsIn(tx, locked);
    // Columns that only another name of it tells of are none of its own, and stay.
    const [own, ofOthers] = [present.filter((each) => !each.joined), present.filter((each) => each.joined)];
    const { record, fields, digest } = fieldsAfter(said, known, own, asset.fieldsWritten);
    const names = new Set(fields.map(({ name }) => name));
    const all = [...fields, ...ofOthers.filter(({ name }) => !names.has(name)).map(plain)];
    await this.assets.replaceFields(tx, actor, locked, all, 'Reported by OpenLineage.');
    if (ofOthers.length > 0) await this.joining.ownColumns(tx, asset.id, fields);
    return { id: asset.id, record, fields: digest };
  }

  /** Each event, so that it is known again; and one entry of the log for all of them. */
  private async keep(tx: WriteTransaction, actor: Actor, taken: readonly Taken[], assets: AssetsByUrn): Promise<void> {
    const recordedAt = this.now();
    const rows = taken.map(({ key, reading: { event, run } }) => ({
      ...{ key, source: actorId(actor), eventTime: event.eventTime, recordedAt },
      runKey: run?.key ?? null,
    }));
    const subjects = [
      ...new Set(taken.map(({ reading }) => reading.job?.urn ?? [...reading.datasets.keys()][0] ?? '')),
    ];
    const ids = subjects.flatMap((urn) => assets.get(urn)?.id ?? []);
    const entry = entryOf(tx, actor, {
      action: 'lineage:report',
      targetId: ids[0] ?? '',
      targetName: subjects.length === 1 ? (subjects[0] ?? '') : `${subjects.length} jobs and data sets`,
      assetIds: ids,
      after: { events: taken.map(({ reading }) => reading.event.digest) },
      at: recordedAt,
    });
    await this.rows.keepEvents(tx, rows, entry);
  }
}

/** A deployment has an environment; producers other than Weftline say none. */
function environmentOf(taken: readonly Taken[], urn: string): string {
  const said = taken.flatMap(({ reading: { job, event } }) => {
    if (job?.urn !== urn || event.kind === 'DATASET') return [];
    const environment = facetOf<{ environment: unknown }>(event.job.facets, 'weftline_deployment')?.environment;
    return typeof environment === 'string' && isPlainWord(environment) ? [environment] : [];
  });
  return said[0] ?? 'reported';
}

const isPlainWord = (text: string): boolean =>
  text.trim() !== '' && text.length <= 200 && text.isWellFormed() && invisibleIn(text) === null;

/** Of the names that one data set is told of by, the one under which all that is said of it is put together. */
function oneNameOf(present: AssetsByUrn, names: NewNames): (urn: string) => string {
  const first = new Map<string, string>();
  for (const [urn, { id }] of present) if (!first.has(id)) first.set(id, urn);
  return (urn) => {
    const named = names.get(urn)?.of.urn ?? urn;
    return first.get(present.get(named)?.id ?? '') ?? named;
  };
}

const plain = ({ name, type, description }: NewField): NewField => ({ name, type, description });

/** Of an event that is there twice, the first. */
function distinct(taken: readonly Taken[]): Taken[] {
  const seen = new Set<string>();
  return taken.filter(({ key }) => !seen.has(key) && seen.add(key));
}

function namesIn(taken: readonly Taken[]): Map<string, Named> {
  const names = new Map<string, Named>();
  for (const { reading } of taken) {
    if (reading.job) names.set(reading.job.urn, reading.job);
    for (const { named } of reading.datasets.values()) names.set(named.urn, named);
  }
  return names;
}

function closedTo(
  { job, datasets }: Reading,
  isKnown: (urn: string) => boolean,
  closed: ReadonlyMap<string, WeftlineError>,
): WeftlineError | null {
  const named = [...(job ? [job] : []), ...[...datasets.values()].map((each) => each.named)];
  const first = named.find(({ urn, namespace }) => !isKnown(urn) && closed.has(namespace));
  return (first && closed.get(first.namespace)) ?? null;
}

function notYourRun({ event }: Reading): WeftlineError {
  const id = event.kind === 'RUN' ? event.runId : '';
  return forbidden(
    `The run ${id} is reported by another source. Only the account that told of it first says more of it: use its token.`,
  );
}

/** Throws what is a fault of ours. */
function refusalOf(error: unknown): IngestOutcome {
  if (!(error instanceof WeftlineError)) throw error;
  const retriable = error.code === ErrorCode.UNAVAILABLE;
  return { ok: false, code: error.code, message: error.message, retriable };
}
