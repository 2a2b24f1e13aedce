import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { Row } from '../../neo4j/row.js';
import { indexInTurns } from '../../turn.js';
import { type DatasetChange, LIFECYCLE_CHANGES } from './changes.js';
import * as cypher from './changes.cypher.js';

/** Data sets that one was renamed to, at most: a name that is used again and again. */
const MOST_RENAMED = 20;

/** What became of data sets, by what producers said. */
export class ChangesRepository extends ActorReads {
  async of(actor: Actor, ids: readonly string[], page: Page): Promise<Map<string, PageRows<DatasetChange>>> {
    const { cypher: statement, window } = pageStatement(cypher.CHANGES_OF_DATASETS, page);
    const rows = await this.read(actor, statement, { ids, ...window });
    return indexInTurns(
      rows,
      (row) => row.text('id'),
      (row) => cutPage(row.rows('changes').map(decodeChange), page),
    );
  }

  async countOf(actor: Actor, ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.read(actor, cypher.COUNT_CHANGES_OF_DATASETS, { ids });
    return new Map(rows.map((row) => [row.text('id'), row.int('total')]));
  }

  /** Of those that are dropped, since when. */
  async dropped(actor: Actor, ids: readonly string[]): Promise<Map<string, Date>> {
    const rows = await this.read(actor, cypher.DROPPED_DATASETS, { ids });
    return new Map(rows.map((row) => [row.text('id'), row.time('at')]));
  }

  async byVersions(actor: Actor, versionIds: readonly string[]): Promise<Map<string, DatasetChange[]>> {
    const rows = await this.read(actor, cypher.CHANGES_BY_VERSIONS, { ids: versionIds });
    return new Map(rows.map((row) => [row.text('id'), row.rows('changes').map(decodeChange)]));
  }

  /** The ids of data sets by the keys of their names. */
  async called(actor: Actor, keys: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.read(actor, cypher.DATASETS_CALLED, { keys });
    return new Map(rows.map((row) => [row.text('key'), row.text('id')]));
  }

  /** The ids of the data sets that each was renamed to. */
  async renamed(actor: Actor, ids: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await this.read(actor, cypher.DATASETS_RENAMED, { ids, limit: MOST_RENAMED });
    return new Map(rows.map((row) => [row.text('id'), row.texts('renamed')]));
  }
}

function decodeChange(row: Row): DatasetChange {
  const change = row.text('change');
  return {
    ...{ __typename: 'DatasetChange', id: row.text('id'), place: row.text('place'), assetId: row.text('assetId') },
    change: LIFECYCLE_CHANGES.find((each) => each === change) ?? 'ALTER',
    ...{ saidAt: row.time('at'), producer: row.text('producer'), reportedById: row.text('source') },
    ...{ runId: row.maybeText('runId'), fromKey: row.maybeText('fromKey') },
  };
}
