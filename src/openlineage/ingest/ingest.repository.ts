import { type Actor, viewerOf } from '../../auth/actor.js';
import { decodeRights, type RightsFacts } from '../../auth/rights.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import { newId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters, Statements } from '../../neo4j/statements.js';
import * as cypher from './ingest.cypher.js';
import { type DatasetRecord, readDatasetRecord } from './dataset-record.js';
import { type KnownRun, readRunRecord } from './run-record.js';

/** An asset that events tell of, locked until the commit. */
export interface ReportedAsset {
  id: string;
  urn: string;
  kind: AssetKind;
  placedBy: string | null;
  retired: boolean;
  /** null: nobody ever reported it; it was registered by hand. */
  record: DatasetRecord | null;
  /** Digest of the fields that reports wrote last; null: they wrote none. */
  fieldsWritten: string | null;
  rights: RightsFacts;
}

/** A column by the id of its data set. */
export interface NamedField {
  dataset: string;
  name: string;
}

/** By which a field is stored. */
export const fieldKey = ({ dataset, name }: NamedField): string => `${dataset}:${name}`;

/** What one run made and read: versions by their keys, and data sets by their ids, of which no version was named. */
export interface Uses {
  run: string;
  made: { version: string; at: Date }[];
  used: { version: string; at: Date }[];
  reads: string[];
}

export interface ReportedRun extends KnownRun {
  id: string;
  /** The key of its parent; null: none was named. */
  parentKey: string | null;
  /** Who told of it first. */
  reportedBy: string;
}

/** What events bring into the graph, each kind of it by one statement for all events of a transaction. */
export class IngestRepository {
  constructor(private readonly now: () => Date) {}

  async knownEvents(tx: Statements, keys: readonly string[]): Promise<Set<string>> {
    const rows = await tx.run(cypher.KNOWN_EVENTS, { keys });
    return new Set(rows.map((row) => row.text('key')));
  }

  /** The ids of the assets that have the names, by the key of the name; and the ids of what was joined into others, whose names some are. */
  async assetsNamed(tx: Statements, keys: readonly string[]): Promise<{ ids: Map<string, string>; joined: string[] }> {
    const rows = await tx.run(cypher.ASSETS_NAMED, { keys });
    return {
      ids: new Map(rows.map((row) => [row.text('key'), row.text('id')])),
      joined: [...new Set(rows.flatMap((row) => row.maybeText('joined') ?? []))].sort(),
    };
  }

  async lock(tx: WriteTransaction, actor: Actor, ids: readonly string[]): Promise<Map<string, ReportedAsset>> {
    const now = this.now();
    const rows = await tx.run(cypher.LOCK_REPORTED, { ids: [...new Set(ids)].sort(), viewer: viewerOf(actor), now });
    return new Map(
      rows.map((row) => {
        const asset: ReportedAsset = {
          id: row.text('id'),
          urn: row.text('urn'),
          kind: row.text('kind') as AssetKind,
          placedBy: row.maybeText('placedBy'),
          retired: row.flag('retired'),
          record: row.maybeText('reported') === null ? null : readDatasetRecord(row.json('reported')),
          fieldsWritten: row.maybeText('reportedFields'),
          rights: decodeRights(row.row('rights')),
        };
        return [asset.id, asset];
      }),
    );
  }

  /** By namespace, who owns what is new there; not in it: nobody does. */
  async ownersOfNew(tx: Statements, names: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await tx.run(cypher.OWNERS_OF_NEW, { names });
    return new Map(rows.map((row) => [row.text('name'), row.texts('owners')]));
  }

  async runs(tx: Statements, keys: readonly string[]): Promise<Map<string, ReportedRun>> {
    const rows = await tx.run(cypher.RUNS_REPORTED, { keys });
    return new Map(
      rows.map((row) => [
        row.text('key'),
        {
          id: row.text('id'),
          reportedBy: row.text('reportedBy'),
          record: readRunRecord(row.json('reported')),
          facets: row.json('facets'),
          parentKey: row.maybeText('parentKey'),
        },
      ]),
    );
  }

  async writeReported(
    tx: WriteTransaction,
    rows: readonly { id: string; record: DatasetRecord | null; fields: string | null }[],
  ): Promise<void> {
    await each(tx, cypher.WRITE_REPORTED, {
      rows: rows.map(({ id, record, fields }) => ({ id, reported: record && JSON.stringify(record), fields })),
    });
  }

  /** The ids of the runs by their keys; `linking`: those that may have got a parent, or are one that others wait for. */
  async writeRuns(
    tx: WriteTransaction,
    rows: readonly Parameters[],
    linking: readonly string[],
  ): Promise<Map<string, string>> {
    if (rows.length === 0) return new Map();
    const written = await tx.run(cypher.WRITE_RUNS, { rows, now: this.now() });
    if (linking.length > 0) await tx.run(cypher.LINK_PARENTS, { keys: linking });
    return new Map(written.map((row) => [row.text('key'), row.text('id')]));
  }

  /** The ids of the versions by their keys. */
  async writeVersions(tx: WriteTransaction, rows: readonly Parameters[]): Promise<Map<string, string>> {
    if (rows.length === 0) return new Map();
    const written = await tx.run(cypher.WRITE_VERSIONS, { rows });
    return new Map(written.map((row) => [row.text('key'), row.text('id')]));
  }

  /** What runs made and read, a row each. */
  async writeUses(tx: WriteTransaction, rows: readonly Uses[]): Promise<void> {
    await each(tx, cypher.WRITE_USES, { rows: rows.map((row) => ({ ...row })), now: this.now() });
  }

  /** Works out anew which versions the runs read, and the runs that began after the versions. */
  async inferVersions(
    tx: WriteTransaction,
    runs: readonly string[],
    versions: readonly { assetId: string; madeAt: Date }[],
  ): Promise<void> {
    if (runs.length + versions.length > 0) await tx.run(cypher.INFER_VERSIONS, { runs, versions, now: this.now() });
  }

  /** The ids of the fields that are there or were, by their keys. */
  async fields(tx: WriteTransaction, fields: readonly NamedField[]): Promise<Map<string, string>> {
    if (fields.length === 0) return new Map();
    const found = await tx.run(cypher.FIELDS_REPORTED, { keys: fields.map(fieldKey) });
    return new Map(found.map((row) => [row.text('key'), row.text('id')]));
  }

  /** The ids of the fields by their keys, made as removed ones where they are not there. */
  async keepFormerFields(tx: WriteTransaction, fields: readonly NamedField[]): Promise<Map<string, string>> {
    if (fields.length === 0) return new Map();
    const rows = fields.map((field) => ({ ...field, id: newId() }));
    const kept = await tx.run(cypher.KEEP_FORMER_FIELDS, { rows, now: this.now() });
    return new Map(kept.map((row) => [row.text('key'), row.text('id')]));
  }

  /** By key, who told of the release first. */
  async releases(tx: Statements, keys: readonly string[]): Promise<Map<string, string>> {
    if (keys.length === 0) return new Map();
    const rows = await tx.run(cypher.RELEASES_REPORTED, { keys });
    return new Map(rows.map((row) => [row.text('key'), row.text('reportedBy')]));
  }

  /** The ids of the releases by their keys; what serves on the deployments is what follows from all of them. */
  async writeReleases(tx: WriteTransaction, rows: readonly Parameters[]): Promise<Map<string, string>> {
    if (rows.length === 0) return new Map();
    const written = await tx.run(cypher.WRITE_RELEASES, { rows });
    await tx.run(cypher.SETTLE_RELEASES, { ids: [...new Set(rows.map((row) => row['deploymentId']))] });
    return new Map(written.map((row) => [row.text('key'), row.text('id')]));
  }

  async writeFacets(tx: WriteTransaction, rows: readonly Parameters[]): Promise<void> {
    await each(tx, cypher.WRITE_FACETS, { rows });
  }

  /** Keeps other names of assets, told of by the source. */
  async addSymlinks(tx: WriteTransaction, source: string, rows: readonly Parameters[]): Promise<void> {
    if (rows.length > 0) await tx.run(cypher.ADD_SYMLINKS, { rows: [...rows], source, now: this.now() });
  }

  /** The events, and `entry` (`entryOf`) for all of them. */
  async keepEvents(tx: WriteTransaction, rows: readonly Parameters[], entry: Parameters): Promise<void> {
    await tx.run(cypher.KEEP_EVENTS, { rows: [...rows], entry });
  }
}

async function each(tx: WriteTransaction, statement: string, parameters: { rows: readonly unknown[]; now?: Date }) {
  if (parameters.rows.length > 0) await tx.run(statement, { ...parameters, rows: [...parameters.rows] });
}
