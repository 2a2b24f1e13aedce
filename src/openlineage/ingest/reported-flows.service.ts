import { type Actor, actorId } from '../../auth/actor.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import { type FieldFlow, toFlow } from '../../lineage/fields/field-claim.js';
import type { ClaimReconciler } from '../../lineage/statements/claim-reconciler.js';
import { ASSET_FLOWS, FIELD_FLOWS, type Flow, type Report } from '../../lineage/statements/claim.js';
import { fieldKey, type IngestRepository, type NamedField, type ReportedAsset } from './ingest.repository.js';
import { mayTellOf } from './reporting-rights.js';
import type { AssetsByUrn, Taken } from './taken.js';
import type { Reading } from '../reading/reading.js';
import type { ReleaseIds } from './reported-releases.service.js';
import type { RunIds } from './reported-runs.service.js';

/** In whose name a source reports: by the id of its account, for others may be called the same, and it may be called otherwise later. */
export const claimSourceOf = (actor: Actor): string => `openlineage:${actorId(actor)}`;

/** States the flows that events tell of, between assets and between columns. */
export class ReportedFlows {
  constructor(
    private readonly engine: ClaimReconciler,
    private readonly rows: IngestRepository,
  ) {}

  async write(
    tx: WriteTransaction,
    actor: Actor,
    taken: readonly Taken[],
    { assets, runs, releases }: { assets: AssetsByUrn; runs: RunIds; releases: ReleaseIds },
  ): Promise<void> {
    const idOf = (urn: string): string => assets.get(urn)?.id ?? missing(urn);
    const idOfRun = ({ run, release }: Reading): string | null =>
      (release ? releases.get(release.key) : run && runs.get(run.key)) ?? null;
    const subjectOf = ({ reading }: Taken, subjectId: string): Omit<Report, 'flows'> => ({
      ...{ claimSource: claimSourceOf(actor), subjectId, byId: actorId(actor), scope: 'FLOWS' },
      ...{ runId: idOfRun(reading), validFrom: reading.at, validUntil: null },
    });
    const reports = taken.flatMap((each): Report[] => {
      const { job, inputs, outputs, release } = each.reading;
      if (!job || inputs.size + outputs.size === 0) return [];
      const subject = idOf(job.urn);
      // What served until then feeds the deployment no more.
      if (release?.isEnd === true && idOfRun(each.reading) !== null)
        return [{ ...subjectOf(each, subject), scope: 'RUN', flows: [] }];
      const flows: Flow[] = [
        ...[...inputs].map((urn) => ({ source: idOf(urn), target: subject })),
        ...[...outputs].map((urn) => ({ source: subject, target: idOf(urn) })),
      ];
      return [{ ...subjectOf(each, subject), flows }];
    });
    const columns = await this.columnsOf(tx, actor, taken, { assets, idOf, subjectOf });
    await this.engine.stateAll(tx, [
      { kind: ASSET_FLOWS, reports },
      { kind: FIELD_FLOWS, reports: columns },
    ]);
  }

  private async columnsOf(
    tx: WriteTransaction,
    actor: Actor,
    taken: readonly Taken[],
    {
      assets,
      idOf,
      subjectOf,
    }: {
      assets: AssetsByUrn;
      idOf: (urn: string) => string;
      subjectOf: (each: Taken, subjectId: string) => Omit<Report, 'flows'>;
    },
  ): Promise<Report[]> {
    const ids = await this.fieldIds(tx, actor, taken, assets);
    return taken.flatMap((each): Report[] => {
      const { job, columns: named } = each.reading;
      if (!job || named.length === 0) return [];
      const via = idOf(job.urn);
      const flows = named.flatMap(({ source, sourceField, target, targetField, transformation }): Flow[] => {
        const from = ids.get(fieldKey({ dataset: idOf(source), name: sourceField }));
        const to = ids.get(fieldKey({ dataset: idOf(target), name: targetField }));
        const flow: FieldFlow | null = from && to ? { source: from, target: to, via, ...transformation } : null;
        return flow ? [toFlow(flow)] : [];
      });
      return flows.length === 0 ? [] : [{ ...subjectOf(each, via), flows }];
    });
  }

  /** By `fieldKey`. A column of a data set whose fields others write, and which they do not know, is not among them. */
  private async fieldIds(
    tx: WriteTransaction,
    actor: Actor,
    taken: readonly Taken[],
    assets: AssetsByUrn,
  ): Promise<Map<string, string>> {
    const wanted = new Map<string, NamedField & { asset: ReportedAsset }>();
    const add = (urn: string, name: string): void => {
      const asset = assets.get(urn);
      if (asset) wanted.set(fieldKey({ dataset: asset.id, name }), { dataset: asset.id, name, asset });
    };
    for (const { reading } of taken) {
      for (const { source, sourceField, target, targetField } of reading.columns) {
        add(source, sourceField);
        add(target, targetField);
      }
    }
    const found = await this.rows.fields(tx, [...wanted.values()]);
    const former = [...wanted].filter(([key, { asset }]) => !found.has(key) && mayTellOf(actor, asset));
    const kept = await this.rows.keepFormerFields(
      tx,
      former.map(([, { dataset, name }]) => ({ dataset, name })),
    );
    return new Map([...found, ...kept]);
  }
}

function missing(urn: string): never {
  throw new Error(`${urn} was named by an event and is not there.`);
}
