import { recordAudit } from '../../audit/record/record.js';
import { type Actor, actorId } from '../../auth/actor.js';
import { badInput, conflict, notFound } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { TellsOthers } from '../../openlineage/outbox/telling.port.js';
import type { AssetService } from '../assets/asset.service.js';
import { type ClocksAsked, clocksOf } from '../model/as-of.js';
import type { Asset } from '../model/asset.js';
import { unknownField } from '../model/field-names.js';
import type { Version } from '../versions/version.js';
import type { VersionRepository } from '../versions/version.repository.js';
import type { QualityRecorder } from './quality-recorder.repository.js';
import type { ReportQualityInput } from './quality.input.js';
import type { KeptResult, QualityResult, QualityStatus, ResultFilter } from './quality.js';
import { readReport, type Said } from './quality.report.js';
import type { QualityRepository, Subject } from './quality.repository.js';

/** What is known of the quality of data: reported, and asked for. */
export class QualityService {
  constructor(
    private readonly graph: Graph,
    private readonly rows: QualityRepository,
    private readonly recorder: QualityRecorder,
    private readonly versions: VersionRepository,
    private readonly assets: AssetService,
    private readonly tells: TellsOthers,
    private readonly now: () => Date,
  ) {}

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, KeptResult>> {
    return this.rows.byIds(actor, ids);
  }

  /** Pages of results, those that were measured last first. */
  of(
    actor: Actor,
    subject: Subject,
    ids: readonly string[],
    filter: ResultFilter,
    page: Page,
  ): Promise<Map<string, PageRows<KeptResult>>> {
    return this.rows.of(actor, subject, ids, filter, page);
  }

  countOf(actor: Actor, subject: Subject, ids: readonly string[], filter: ResultFilter): Promise<Map<string, number>> {
    return this.rows.countOf(actor, subject, ids, filter);
  }

  /** As it stood at the clocks; now, where these are not given. Throws BAD_USER_INPUT for a time in the future. */
  async statusOf(
    actor: Actor,
    versionIds: readonly string[],
    { asOf, knownAt }: ClocksAsked,
  ): Promise<Map<string, QualityStatus>> {
    const clocks = clocksOf(actor, { asOf, knownAt }, this.now());
    return this.rows.statusOf(actor, versionIds, {
      asOf: asOf == null ? null : clocks.asOf,
      knownAt: knownAt == null ? null : clocks.knownAt,
    });
  }

  /**
   * Keeps what somebody measured, and tells how much of it is new. Throws NOT_FOUND for what it names and is not there, FORBIDDEN,
   * BAD_USER_INPUT, LIMIT_EXCEEDED, or CONFLICT where the data set is retired.
   */
  async report(actor: Actor, input: ReportQualityInput): Promise<{ added: number; repeated: number }> {
    const now = this.now();
    const said = readReport(input, now);
    return this.graph.write(actor.origin, async (tx) => {
      const { asset, version } = await this.lockSubject(tx, actor, input);
      await this.checkFields(tx, asset, said);
      const runId = await this.checkRun(tx, actor, input.run ?? null);
      const of = { datasetId: asset.id, versionId: version?.id ?? null, reportedById: actorId(actor), runId };
      const results = said.map((each): QualityResult => ({ ...each, ...of }));
      const added = await this.recorder.record(tx, results);
      if (added > 0) {
        await this.account(tx, actor, { asset, version }, results, added);
        await this.tells.qualityReported(tx, asset, version?.version ?? null, results);
      }
      return { added, repeated: results.length - added };
    });
  }

  private async lockSubject(
    tx: WriteTransaction,
    actor: Actor,
    { dataset, version: id }: ReportQualityInput,
  ): Promise<{ asset: Asset; version: Version | null }> {
    if ((dataset == null) === (id == null)) throw badInput('Give either `dataset` or `version`.');
    const pinned = id == null ? null : ((await this.versions.pinned(tx, actor, [id])).get(id) ?? null);
    const ref = dataset ?? pinned?.asset.id;
    if (ref === undefined)
      throw notFound(`There is no version ${(id ?? '').slice(0, 120)}, or you may not know of it.`);
    const { asset } = await this.assets.lockFor(tx, actor, ref, 'EDIT');
    if (asset.kind !== 'DATASET') throw badInput(`${asset.urn} is a ${asset.kind}; a DATASET is needed here.`);
    if (asset.retiredAt)
      throw conflict(`${asset.urn} is retired. Take that back with retireAsset before reporting its quality.`);
    return { asset, version: pinned?.version ?? null };
  }

  /** A data set that has fields has them all, or had them: another name is a mistake. */
  private async checkFields(tx: WriteTransaction, asset: Asset, said: readonly Said[]): Promise<void> {
    const names = [...new Set(said.flatMap(({ field }) => field ?? []))].sort();
    if (names.length === 0) return;
    const known = await this.rows.knownFields(tx, asset.id, names);
    const unknown = names.find((name) => !known.has(name));
    if (unknown === undefined) return;
    const fields = await this.assets.fieldsIn(tx, asset);
    if (fields.length === 0) return;
    throw unknownField(
      asset.urn,
      unknown,
      fields.map(({ name }) => name),
    );
  }

  private async checkRun(tx: WriteTransaction, actor: Actor, runId: string | null): Promise<string | null> {
    if (runId === null || (await this.rows.seesRun(tx, actor, runId))) return runId;
    throw notFound(`There is no run ${runId.slice(0, 120)}, or you may not know of it.`);
  }

  private account(
    tx: WriteTransaction,
    actor: Actor,
    { asset, version }: { asset: Asset; version: Version | null },
    results: readonly QualityResult[],
    added: number,
  ): Promise<void> {
    const [first] = results;
    const failed = results.filter((each) => each.kind === 'ASSERTION' && !each.success).length;
    return recordAudit(tx, actor, {
      action: 'quality:report',
      targetId: version?.id ?? asset.id,
      targetName: version ? `${asset.urn}@${version.version}` : asset.urn,
      assetIds: [asset.id],
      after: {
        ...{ source: first?.source, measuredAt: first?.measuredAt.toISOString(), run: first?.runId },
        ...{ results: results.length, added, failed },
      },
      at: this.now(),
    });
  }
}
