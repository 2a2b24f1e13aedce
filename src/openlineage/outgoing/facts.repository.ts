import { type Actor, viewerOf } from '../../auth/actor.js';
import type { Clocks } from '../../catalog/model/as-of.js';
import { decodeField } from '../../catalog/model/asset.decode.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import { decodeResult } from '../../catalog/quality/quality.decode.js';
import type { Release } from '../../deployment/releases/release.js';
import { decodeRelease } from '../../deployment/releases/release.repository.js';
import { idAt } from '../../ids.js';
import { FIELD_TRANSFORMATION_SUBTYPES } from '../../lineage/fields/field-claim.js';
import { decodeRun, runAsThen } from '../../lineage/runs/run.repository.js';
import { decodeShown } from '../../lineage/trace/lineage.decode.js';
import type { Row } from '../../neo4j/row.js';
import type { Parameters, Statements } from '../../neo4j/statements.js';
import { decodeJob, jobAsThen } from '../../training/jobs/job.decode.js';
import { mapInTurns } from '../../turn.js';
import * as cypher from './facts.cypher.js';
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

/** Which part of a long list is read: so many, behind the last that was read before. */
export interface Part {
  behind: string;
  chunk: number;
}

/** Reads what events are made of, as the actor may know it: within a transaction that tells of it, or by itself. */
export class FactsRepository {
  constructor(
    private readonly now: () => Date,
    private readonly clocks: Clocks | null = null,
  ) {}

  /** Reads the same as of two clocks; null: as it is now. */
  asOf(clocks: Clocks | null): FactsRepository {
    return new FactsRepository(this.now, clocks);
  }

  async runs(from: Statements, actor: Actor, ids: readonly string[]): Promise<RunFacts[]> {
    return mapInTurns(await this.ask(from, actor, cypher.RUN_FACTS, { ids }), (row) => ({
      run: runAsThen(decodeRun(row.row('run')), this.then),
      job: decodeShown(row.row('job')),
      read: row.rows('read').flatMap(visibleVersion),
      made: row.rows('made').flatMap(visibleVersion),
      training: row.rows('jobs').map((job) => jobAsThen(decodeJob(job), this.then ?? undefined))[0] ?? null,
      parent:
        row.rows('parents').map((parent) => ({
          ...{ runId: parent.text('runId'), namespace: parent.text('namespace'), name: parent.text('name') },
        }))[0] ?? null,
    }));
  }

  async releases(from: Statements, actor: Actor, ids: readonly string[]): Promise<ReleaseFacts[]> {
    return (await this.ask(from, actor, cypher.RELEASE_FACTS, { ids })).map((row) => ({
      release: this.releaseThen(decodeRelease(row.row('release'))),
      deployment: decodeShown(row.row('deployment')),
      version: visibleVersion(row.row('version'))[0] ?? null,
    }));
  }

  async assets(from: Statements, actor: Actor, ids: readonly string[]): Promise<AssetFacts[]> {
    return mapInTurns(await this.ask(from, actor, cypher.ASSET_FACTS, { ids }), (row) => {
      const asset = decodeShown(row.row('asset'));
      return { asset, fields: asset.fieldsThen ?? row.rows('fields').map(decodeField) };
    });
  }

  async version(from: Statements, actor: Actor, id: string): Promise<VersionFact | null> {
    const rows = await this.ask(from, actor, cypher.VERSION_FACT, { id });
    return rows.flatMap((row) => visibleVersion(row.row('version')))[0] ?? null;
  }

  /** A part of the versions of an asset, each with its id. */
  async versionsOf(from: Statements, actor: Actor, assetId: string, part: Part): Promise<[string, VersionFact][]> {
    const rows = await this.ask(from, actor, cypher.VERSIONS_PAGE, { assetId, ...part });
    return rows.flatMap((row) =>
      visibleVersion(row.row('version')).map((version): [string, VersionFact] => [row.text('id'), version]),
    );
  }

  async runIdsOf(from: Statements, actor: Actor, assetId: string, part: Part): Promise<string[]> {
    return ids(await this.ask(from, actor, cypher.RUNS_PAGE, { assetId, ...part }));
  }

  async releaseIdsOf(from: Statements, actor: Actor, assetId: string, part: Part): Promise<string[]> {
    return ids(await this.ask(from, actor, cypher.RELEASES_PAGE, { assetId, ...part }));
  }

  /** A part of the results of a data set, each with its key. */
  async qualityOf(from: Statements, actor: Actor, assetId: string, part: Part): Promise<[string, QualityFact][]> {
    const rows = await this.ask(from, actor, cypher.QUALITY_PAGE, { assetId, ...part });
    return mapInTurns(rows, (row): [string, QualityFact] => {
      const result = decodeResult(row.row('result'));
      return [result.key, { result, version: row.texts('versions')[0] ?? null }];
    });
  }

  async flowsOf(from: Statements, actor: Actor, assetId: string): Promise<FlowFacts> {
    const rows = await this.ask(from, actor, cypher.FLOWS_OF, { assetId });
    const side = (way: string): NamedAsset[] =>
      rows.filter((row) => row.text('way') === way).map((row) => namedIn(row.row('asset')));
    const times = rows.map((row) => row.time('since').getTime());
    const since = times.reduce<number | null>((least, time) => (least === null || time < least ? time : least), null);
    return { inputs: side('IN'), outputs: side('OUT'), since: since === null ? null : new Date(since) };
  }

  /** A part of what flows by the asset into the columns of a data set. */
  async columnsOf(
    from: Statements,
    actor: Actor,
    flow: { assetId: string; dataset: string },
    part: { skipped: number; chunk: number },
  ): Promise<ColumnFact[]> {
    return mapInTurns(await this.ask(from, actor, cypher.COLUMNS_OF, { ...flow, ...part }), columnIn);
  }

  /** The earlier of the clocks; null: now. */
  private get then(): Date | null {
    if (!this.clocks) return null;
    const { asOf, knownAt } = this.clocks;
    return asOf < knownAt ? asOf : knownAt;
  }

  /** What ended later served then. */
  private releaseThen(release: Release): Release {
    return this.then && release.until && release.until > this.then ? { ...release, until: null } : release;
  }

  private ask(from: Statements, actor: Actor, statement: string, parameters: Parameters): Promise<Row[]> {
    const { asOf, knownAt } = this.clocks ?? { asOf: null, knownAt: null };
    const viewer = viewerOf(actor);
    const recorded = knownAt && idAt(new Date(knownAt.getTime() + 1));
    return from.run(statement, {
      ...parameters,
      ...{ asOf, knownAt, then: this.then, shownAt: this.then, wants: { fields: true }, now: this.now() },
      viewer: recorded !== null && recorded < viewer.ceiling ? { ...viewer, ceiling: recorded } : viewer,
    });
  }
}

const ids = (rows: readonly Row[]): string[] => rows.map((row) => row.text('id'));

const namedIn = (row: Row): NamedAsset => ({
  id: row.text('id'),
  kind: row.text('kind') as AssetKind,
  namespace: row.text('namespace'),
  name: row.text('name'),
});

/** [] when it may not be told. */
function visibleVersion(row: Row): VersionFact[] {
  if (!row.flag('visible')) return [];
  return [
    {
      ...namedIn(row),
      ...{ version: row.text('version'), madeAt: row.time('madeAt'), digest: row.maybeText('digest') },
      ...{ rowCount: row.maybeBigInt('rowCount'), bytes: row.maybeBigInt('bytes'), inferred: row.flag('inferred') },
    },
  ];
}

function columnIn(row: Row): ColumnFact {
  const subtype = row.text('subtype');
  return {
    source: {
      ...{ id: row.text('sourceId'), namespace: row.text('namespace'), name: row.text('name') },
      field: row.text('sourceField'),
    },
    field: row.text('field'),
    type: row.text('type') === 'INDIRECT' ? 'INDIRECT' : 'DIRECT',
    subtype: FIELD_TRANSFORMATION_SUBTYPES.find((each) => each === subtype) ?? null,
    description: row.text('description') === '' ? null : row.text('description'),
    masking: row.flag('masking'),
  };
}
