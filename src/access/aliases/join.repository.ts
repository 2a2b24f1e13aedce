import type { NewField } from '../../catalog/assets/dataset-fields.repository.js';
import { newId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import * as cypher from './join.cypher.js';

/** One data set, and the other that is set aside for it. */
export interface Pair {
  keptId: string;
  otherId: string;
}

/** What was set aside, as far as the kept one shows it. */
export interface Aside {
  id: string;
  name: string;
  namespace: string;
  tags: string[];
  symlinks: string[];
  isRestricted: boolean;
}

/** Sets data sets aside for others, and gives them back. All of it within a transaction that holds the locks of both. */
export class JoinRepository {
  constructor(private readonly now: () => Date) {}

  /** How many things would move, and what stands in the way. */
  async weigh(tx: WriteTransaction, pair: Pair) {
    const row = await tx.one(cypher.WEIGH, { ...pair, now: this.now() });
    return {
      things: row.int('things'),
      isOffered: row.flag('offered'),
      trains: row.flag('training'),
      isAudited: row.flag('audited'),
    };
  }

  async setAside(tx: WriteTransaction, pair: Pair): Promise<void> {
    await tx.one(cypher.SET_ASIDE, { ...pair, now: this.now() });
  }

  async moveFlows(tx: WriteTransaction, pair: Pair): Promise<void> {
    await tx.run(cypher.MOVE_FLOWS, { ...pair });
  }

  /** Names and rights lead to what was set aside again, for the rest of the transaction or for good. */
  async nameAgain(tx: WriteTransaction, pair: Pair): Promise<void> {
    await tx.one(cypher.NAME_AGAIN, { ...pair, now: this.now() });
  }

  /** All else goes back; grants given from `since` on end. */
  async part(tx: WriteTransaction, pair: Pair, { since, actorId }: { since: string; actorId: string }): Promise<void> {
    await tx.run(cypher.MOVE_FLOWS_BACK, { ...pair });
    await tx.one(cypher.PART, { ...pair, since, actorId, now: this.now() });
  }

  async asideOf(tx: WriteTransaction, keptId: string): Promise<Aside[]> {
    const rows = await tx.run(cypher.ASIDE_OF, { keptId });
    return rows.map((row) => ({
      ...{ id: row.text('id'), name: row.text('name'), namespace: row.text('namespace'), tags: row.texts('tags') },
      symlinks: row.texts('symlinks'),
      isRestricted: row.text('visibility') === 'RESTRICTED',
    }));
  }

  async ofItself(tx: WriteTransaction, keptId: string) {
    const row = await tx.one(cypher.OF_ITSELF, { keptId });
    return {
      ...{ name: row.text('name'), namespace: row.text('namespace') },
      ...{ tags: row.texts('tags'), joinedTags: row.texts('joinedTags'), symlinks: row.texts('symlinks') },
      /** What it had before it was restricted for others: a visibility, or INHERITED; null: it was not. */
      apart: row.maybeText('apart'),
      own: row.maybeText('own'),
    };
  }

  /** Which of the ids were set aside, and for what; by the kept one, the order of locking. */
  async aside(tx: WriteTransaction, ids: readonly string[]): Promise<Pair[]> {
    const rows = await tx.run(cypher.ASIDE, { ids });
    return rows.map((row) => ({ keptId: row.text('keptId'), otherId: row.text('otherId') }));
  }

  async columnsMissing(tx: WriteTransaction, otherId: string): Promise<NewField[]> {
    const rows = await tx.run(cypher.COLUMNS_MISSING, { otherId });
    return rows.map((row) => ({
      name: row.text('name'),
      type: row.maybeText('type'),
      description: row.maybeText('description'),
    }));
  }

  async columnsLeft(tx: WriteTransaction, keptId: string): Promise<string[]> {
    return (await tx.run(cypher.COLUMNS_LEFT, { keptId })).map((row) => row.text('name'));
  }

  /** Says of columns of the kept one whether they are there for others alone. */
  async markColumns(tx: WriteTransaction, keptId: string, names: readonly string[], areOwn = false): Promise<void> {
    if (names.length > 0) await tx.run(areOwn ? cypher.OWN_COLUMNS : cypher.MARK_COLUMNS, { keptId, names });
  }

  /** Leads the columns of what is set aside to those of the same name, with all flows that lie on them. */
  async leadColumns(tx: WriteTransaction, { keptId, otherId }: Pair): Promise<void> {
    const former = await tx.run(cypher.FORMER_COLUMNS, { otherId });
    const rows = former.map((row) => ({ name: row.text('name'), id: newId() }));
    if (rows.length > 0) await tx.run(cypher.KEEP_COLUMNS, { keptId, rows, now: this.now() });
    await tx.run(cypher.LEAD_COLUMNS, { keptId, otherId });
  }

  async leadColumnsBack(tx: WriteTransaction, { otherId }: Pair): Promise<void> {
    await tx.run(cypher.LEAD_COLUMNS_BACK, { otherId });
  }
}
