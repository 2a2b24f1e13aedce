import { type Actor, viewerOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { Graph, QueryOrigin } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import type { AssetEvent, AuditConditions, AuditEntry } from './audit.js';
import * as cypher from './audit.cypher.js';
import { entryOf, eventOf, storedEntry } from './audit.decode.js';
import type { EntryMarks } from '../record/entry-marks.js';
import { examine, type Examined, type StoredEntry } from './integrity.js';
import type { SealedLeaves } from '../sealing/sealed-leaves.js';
import { mapInTurns } from '../../turn.js';

interface Read {
  row: Row;
  stored: StoredEntry;
  examined: Examined;
  /** The log has a leaf at its number. */
  hasLeaf: boolean;
}

/** Entries are found by their columns; what they tell is what their texts say, held against the leaves of the log. */
export class AuditRepository extends ActorReads {
  constructor(
    graph: Graph,
    private readonly evidence: { leaves: SealedLeaves; marks: EntryMarks },
    now: () => Date,
  ) {
    super(graph, now);
  }

  async list(actor: Actor, conditions: AuditConditions, page: Page): Promise<PageRows<AuditEntry>> {
    const statement = pageStatement(cypher.LIST_AUDIT[anchorOf(conditions)], page);
    const rows = await this.read(actor, statement.cypher, { ...wantedOf(conditions), ...statement.window });
    return cutPage(await this.entries(actor, rows), page);
  }

  async count(actor: Actor, conditions: AuditConditions): Promise<number> {
    const rows = await this.read(actor, cypher.COUNT_AUDIT[anchorOf(conditions)], wantedOf(conditions));
    return rows[0]?.int('total') ?? 0;
  }

  async of(actor: Actor, assetIds: readonly string[], page: Page): Promise<Map<string, PageRows<AuditEntry>>> {
    const statement = pageStatement(cypher.AUDIT_OF, page);
    const rows = await this.read(actor, statement.cypher, { ids: assetIds, ...statement.window });
    const pages = rows.map(async (row): Promise<[string, PageRows<AuditEntry>]> => [
      row.text('id'),
      cutPage(await this.entries(actor, row.rows('entries')), page),
    ]);
    return new Map(await Promise.all(pages));
  }

  async countOf(actor: Actor, assetIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.read(actor, cypher.COUNT_AUDIT_OF, { ids: assetIds });
    return new Map(rows.map((row) => [row.text('id'), row.int('total')]));
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AuditEntry>> {
    const entries = await this.entries(actor, await this.read(actor, cypher.AUDIT_BY_ID, { ids }));
    return new Map(entries.map((entry) => [entry.id, entry]));
  }

  /**
   * What was done to assets after the number `after`, oldest first, among the `limit` entries that follow it; `through`
   * is the last of these, and none beyond the end of the log: what stands there was not sealed. It holds ids of assets
   * whoever asks: the service cuts them to what the listener may see.
   */
  async after(actor: Actor, after: number, limit: number): Promise<{ events: AssetEvent[]; through: number }> {
    const rows = await this.graph.read(actor.origin, cypher.AUDIT_AFTER, { after, limit });
    const reads = (await this.examined(actor.origin, rows)).filter(({ hasLeaf }) => hasLeaf);
    const events = reads.map(({ stored, examined }) => eventOf(stored, examined)).filter((event) => event !== null);
    return { events, through: reads.at(-1)?.stored.seq ?? after };
  }

  private async entries(actor: Actor, rows: readonly Row[]): Promise<AuditEntry[]> {
    const viewer = viewerOf(actor);
    const reads = await this.lookAgainAtDoubted(actor, await this.examined(actor.origin, rows));
    return mapInTurns(reads, ({ row, stored, examined }) => entryOf(stored, examined, row.flag('hidden'), viewer));
  }

  /**
   * Neo4j reads one property after the other, so an entry that is being sealed may be read without its mark and without its
   * number. Nothing is called false on one look: what was changed by hand is so at the second one, too.
   */
  private async lookAgainAtDoubted(actor: Actor, reads: readonly Read[]): Promise<readonly Read[]> {
    const ids = reads.filter(({ examined }) => examined.body === null).map(({ stored }) => stored.id);
    if (ids.length === 0) return reads;
    const rows = await this.read(actor, cypher.AUDIT_BY_ID, { ids });
    const seen = new Map((await this.examined(actor.origin, rows)).map((read) => [read.stored.id, read]));
    return reads.map((read) => seen.get(read.stored.id) ?? read);
  }

  private async examined(origin: QueryOrigin, rows: readonly Row[]): Promise<Read[]> {
    const entries = rows.map((row) => ({ row, stored: storedEntry(row) }));
    const numbers = entries.map(({ stored }) => stored.seq).filter((seq) => seq !== null);
    const leaves = await this.evidence.leaves.at(origin, numbers);
    return mapInTurns(entries, ({ row, stored }) => {
      const leaf = stored.seq === null ? null : (leaves.get(stored.seq) ?? null);
      return { row, stored, examined: examine(stored, leaf, this.evidence.marks), hasLeaf: leaf !== null };
    });
  }
}

/** What the statements ask of the columns; one that nothing is asked about costs nothing to plan and to read. */
function wantedOf(conditions: AuditConditions): Parameters {
  const { actorId, targetId, requestId, outcome, actions } = conditions;
  const columns = Object.entries({ actorId, targetId, requestId, outcome, action: actions });
  const wanted = columns.flatMap(([column, value]) => (value === null ? [] : [{ column, values: [value].flat() }]));
  return { ...conditions, wanted };
}

function anchorOf(conditions: AuditConditions): cypher.Anchor {
  if (conditions.assetId !== null) return 'asset';
  if (conditions.targetId !== null) return 'target';
  if (conditions.requestId !== null) return 'request';
  return conditions.actorId === null ? 'all' : 'actor';
}
