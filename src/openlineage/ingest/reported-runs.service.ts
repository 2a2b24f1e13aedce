import { type Actor, actorId } from '../../auth/actor.js';
import { newId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Facets } from '../event/event.js';
import { errorOf, parentOf } from '../event/run-facets.js';
import { namedBy, runKeyOf } from '../reading/names.js';
import { isLater, type Stamp } from '../reading/stamp.js';
import type { VersionFacts } from '../reading/version-facts.js';
import { mayTellOf } from './reporting-rights.js';
import type { AssetsByUrn, Taken } from './taken.js';
import type { IngestRepository, ReportedRun, Uses } from './ingest.repository.js';
import { type KnownRun, standingOf, storedFacets, withEvent } from './run-record.js';

/** The ids of runs by their keys. */
export type RunIds = ReadonlyMap<string, string>;
export type RunsByKey = ReadonlyMap<string, ReportedRun>;

/** Brings runs to what their events say together, with the versions they read and made. */
export class ReportedRuns {
  constructor(
    private readonly rows: IngestRepository,
    private readonly now: () => Date,
  ) {}

  /** The runs that are told of and were before, by their keys. */
  async find(tx: WriteTransaction, taken: readonly Taken[]): Promise<Map<string, ReportedRun>> {
    const keys = new Set(taken.flatMap(({ reading }) => reading.run?.key ?? []));
    return keys.size === 0 ? new Map() : this.rows.runs(tx, [...keys]);
  }

  async write(
    tx: WriteTransaction,
    actor: Actor,
    taken: readonly Taken[],
    { assets, runs }: { assets: AssetsByUrn; runs: RunsByKey },
  ): Promise<{ runs: RunIds; versions: ReadonlyMap<string, string> }> {
    const told = taken.filter(({ reading }) => reading.run !== null);
    const ids = await this.writeRuns(tx, actor, told, { assets, runs });
    const versions = this.versionsIn(actor, taken, assets);
    const written = await this.rows.writeVersions(tx, [...versions.rows.values()]);
    await this.rows.writeUses(
      tx,
      [...versions.uses.values()].filter(({ made, used, reads }) => made.length + used.length + reads.length > 0),
    );
    await this.rows.inferVersions(tx, [...ids.keys()], [...versions.since.values()]);
    return { runs: ids, versions: written };
  }

  private async writeRuns(
    tx: WriteTransaction,
    actor: Actor,
    taken: readonly Taken[],
    { assets, runs }: { assets: AssetsByUrn; runs: RunsByKey },
  ): Promise<RunIds> {
    const known = new Map<string, { state: KnownRun; row: Parameters; isLinking: boolean }>();
    for (const { reading } of taken) {
      const { run, job, at } = reading;
      if (!run || !job) continue;
      const { key, event } = run;
      const before = known.get(key)?.state ?? runs.get(key) ?? { record: null, facets: {} };
      const state = withEvent(before, event, at);
      const { record, facets } = state;
      if (!record) continue;
      const parentKey = parentKeyOf(key, facets as Facets);
      const changes = {
        ...standingOf(record),
        ...{ reported: JSON.stringify(record), facets: storedFacets(facets), externalId: event.runId },
        error: errorOf({ runFacets: facets as Facets })?.message.slice(0, MOST_OF_AN_ERROR) ?? null,
        parentKey,
      };
      const made = { id: newId(), transformationId: assets.get(job.urn)?.id ?? null, reportedBy: actorId(actor) };
      const isLinking = parentKey !== (runs.get(key) ?? { parentKey: undefined }).parentKey;
      known.set(key, { state, row: { key, changes, ...made }, isLinking });
    }
    const all = [...known];
    return this.rows.writeRuns(
      tx,
      all.map(([, { row }]) => row),
      all.flatMap(([key, { isLinking }]) => (isLinking ? [key] : [])),
    );
  }

  /** What is to be written of the versions that events name. */
  private versionsIn(actor: Actor, taken: readonly Taken[], assets: AssetsByUrn) {
    const rows = new Map<string, Parameters>();
    const since = new Map<string, { assetId: string; madeAt: Date }>();
    const uses = new Map<string, Uses>();
    const makers = new Map<string, string>();
    const createdAt = this.now();
    for (const { reading } of taken) {
      const { run, at } = reading;
      const of = run ? (uses.get(run.key) ?? { run: run.key, made: [], used: [], reads: [] }) : null;
      if (of) uses.set(of.run, of);
      for (const [side, each] of [
        ...reading.made.map((said) => ['made', said] as const),
        ...reading.read.map((said) => ['read', said] as const),
      ]) {
        const asset = assets.get(each.urn);
        // Without a run, it is the data set itself that is told of.
        if (!asset || (!of && !mayTellOf(actor, asset))) continue;
        if (each.version === null) {
          if (of && !of.reads.includes(asset.id)) of.reads.push(asset.id);
          continue;
        }
        const key = `${asset.id}:${each.version}`;
        const isModel = asset.kind === 'MODEL';
        const empty = { metrics: '{}', parameters: '{}', facets: '{}', digest: null, uri: null };
        const version = { id: newId(), assetId: asset.id, version: each.version, createdAt, ...empty };
        const before = since.get(key)?.madeAt;
        const madeAt = before && before < at ? before : at;
        since.set(key, { assetId: asset.id, madeAt });
        rows.set(key, {
          ...{ key, assetId: asset.id, madeAt, label: isModel ? 'ModelVersion' : 'DatasetVersion' },
          version: { ...version, kind: isModel ? 'MODEL' : 'DATASET' },
          facts: latestFacts(rows.get(key)?.['facts'], factsOf(each.facts, reading.stamp, mayTellOf(actor, asset))),
        });
        if (!of) continue;
        if (side === 'read') of.used.push({ version: key, at });
        // Of two that say they made it, the one that came first.
        else if ((makers.get(key) ?? of.run) === of.run) {
          makers.set(key, of.run);
          of.made.push({ version: key, at });
        }
      }
    }
    return { rows, since, uses };
  }
}

interface SaidFact {
  name: string;
  value: unknown;
  stamp: Stamp;
}

/** What may be said of versions by whoever runs what makes them; the rest by who may tell of what they are versions of. */
const OF_MAKERS: readonly string[] = ['rowCount', 'bytes'];

const factsOf = (facts: VersionFacts, stamp: Stamp, isTold: boolean): SaidFact[] =>
  (Object.entries(facts) as [string, unknown][]).flatMap(([name, value]) =>
    isTold || OF_MAKERS.includes(name) ? [{ name, value, stamp }] : [],
  );

/** Of each the latest, so that the order of the events does not matter. */
function latestFacts(before: unknown, more: readonly SaidFact[]): SaidFact[] {
  const latest = new Map<string, SaidFact>();
  for (const fact of [...((before ?? []) as SaidFact[]), ...more])
    if (isLater(fact.stamp, latest.get(fact.name)?.stamp)) latest.set(fact.name, fact);
  return [...latest.values()];
}

/** By all that is known of the run; null: it has no parent, or names itself. */
function parentKeyOf(key: string, runFacets: Facets): string | null {
  const parent = parentOf({ runFacets });
  const parentKey = parent && runKeyOf(namedBy('TRANSFORMATION', parent.job), parent.runId);
  return parentKey === key ? null : parentKey;
}

/** Characters of what a run failed with; a stack trace is in its facet. */
const MOST_OF_AN_ERROR = 10_000;
