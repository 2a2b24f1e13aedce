import { type Actor, viewerOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { Row } from '../../neo4j/row.js';
import type { Statements } from '../../neo4j/statements.js';
import { indexInTurns, mapInTurns } from '../../turn.js';
import * as cypher from './quality.cypher.js';
import { type KeptResult, type QualityStatus, type ResultFilter, statusOf } from './quality.js';
import { decodeResult } from './quality.decode.js';

/** What results are asked of: one version, or a data set with all its versions. */
export type Subject = 'version' | 'dataset';

const STATEMENTS = {
  version: { page: cypher.QUALITY_OF_VERSION, count: cypher.COUNT_QUALITY_OF_VERSION },
  dataset: { page: cypher.QUALITY_OF_DATASET, count: cypher.COUNT_QUALITY_OF_DATASET },
} as const;

export class QualityRepository extends ActorReads {
  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, KeptResult>> {
    const rows = await this.read(actor, cypher.QUALITY_BY_ID, { ids });
    const results = await mapInTurns(rows, (row) => decodeResult(row.row('result')));
    return new Map(results.map((result) => [result.id, result]));
  }

  /** Pages of results, those that were measured last first. */
  async of(
    actor: Actor,
    subject: Subject,
    ids: readonly string[],
    filter: ResultFilter,
    page: Page,
  ): Promise<Map<string, PageRows<KeptResult>>> {
    const { cypher: statement, window } = pageStatement(STATEMENTS[subject].page, page);
    const rows = await this.read(actor, statement, { ids, ...filter, ...window });
    const pageIn = async (row: Row): Promise<PageRows<KeptResult>> =>
      cutPage(await mapInTurns(row.rows('results'), decodeResult), page);
    return indexInTurns(rows, (row) => row.text('id'), pageIn);
  }

  async countOf(
    actor: Actor,
    subject: Subject,
    ids: readonly string[],
    filter: ResultFilter,
  ): Promise<Map<string, number>> {
    const rows = await this.read(actor, STATEMENTS[subject].count, { ids, ...filter });
    return new Map(rows.map((row) => [row.text('id'), row.int('total')]));
  }

  /** Over what was measured and recorded by then; null: by now. */
  async statusOf(
    actor: Actor,
    versionIds: readonly string[],
    then: { asOf: Date | null; knownAt: Date | null },
  ): Promise<Map<string, QualityStatus>> {
    const rows = await this.read(actor, cypher.QUALITY_STATUS, { ids: versionIds, ...then });
    return new Map(rows.map((row) => [row.text('id'), decodeStatus(row)]));
  }

  /** Which of the names are fields that the data set has or had. */
  async knownFields(tx: Statements, assetId: string, names: readonly string[]): Promise<Set<string>> {
    const rows = await tx.run(cypher.KNOWN_FIELDS, { assetId, names });
    return new Set(rows.map((row) => row.text('name')));
  }

  async seesRun(tx: Statements, actor: Actor, runId: string): Promise<boolean> {
    const rows = await tx.run(cypher.SEE_RUN, { runId, viewer: viewerOf(actor), now: this.now() });
    return rows.length > 0;
  }
}

const decodeStatus = (row: Row): QualityStatus =>
  statusOf({
    ...{ passed: row.int('passed'), warned: row.int('warned'), failed: row.int('failed') },
    checkedAt: row.maybeTime('checkedAt'),
  });
