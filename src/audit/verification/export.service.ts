import type { Actor } from '../../auth/actor.js';
import type { DryRun } from '../../catalog/model/denied.js';
import type { DecidesExports } from '../../governance/decisions/decides.port.js';
import { AUDIT_LOG } from '../record/log-entry.js';
import type { AuditLog } from '../sealing/audit-log.js';
import type { ExportRepository, SealedEntry } from './export.repository.js';
import type { LogBody } from '../record/log-entry.js';
import { checkpointLine, entryLine, headerLine } from './log-export.js';
import type { Hash } from '../sealing/merkle.js';
import type { SealingRepository } from '../sealing/sealing.repository.js';
import { TILE_WIDTH, tileKey } from '../sealing/tiles.js';

/** Gives the whole sealed log to those who may read all of it, in the form that `weft audit verify` checks. */
export class ExportService {
  constructor(
    private readonly entries: ExportRepository,
    private readonly log: SealingRepository,
    private readonly auditLog: AuditLog,
    private readonly decides: DecidesExports,
    private readonly now: () => Date,
  ) {}

  /**
   * The log as lines of JSON, read from the database as they are taken: a header, each entry in order, and a checkpoint
   * over them. Entries that retention took are their hashes; an entry that is missing otherwise is left out, and the
   * verifier finds the gap. That it was exported is the newest entry. Throws FORBIDDEN before there is a line.
   */
  async *lines(actor: Actor): AsyncGenerator<string> {
    await this.decides.account(actor, AUDIT_LOG, {
      action: 'audit:export',
      targetId: 'audit',
      targetName: 'the audit log',
      at: this.now(),
    });
    await this.auditLog.sequencer.sealAll();
    const { checkpoints } = this.auditLog;
    const { size, note } = await checkpoints.forExport(actor.origin);
    const { prunedTo } = await this.log.head(actor.origin);
    yield headerLine({ origin: checkpoints.origin, exportedAt: this.now() });
    for (let from = 0; from < size; from += TILE_WIDTH) {
      yield* this.page(actor, { from, to: Math.min(from + TILE_WIDTH, size), prunedTo });
    }
    if (note !== null) yield checkpointLine(note);
  }

  /** What would come of it by policies; nothing is read out, and nothing kept. */
  foresee(actor: Actor): Promise<DryRun> {
    return this.decides.foresee(actor, AUDIT_LOG);
  }

  /** The entries of one tile, which has their hashes. */
  private async *page(actor: Actor, { from, to, prunedTo }: { from: number; to: number; prunedTo: number }) {
    const key = tileKey(0, from / TILE_WIDTH);
    const [tiles, found] = await Promise.all([
      this.log.tiles(actor.origin, [key]),
      this.entries.read(actor.origin, from, to),
    ]);
    const hashes = tiles.get(key) ?? [];
    const bySeq = new Map<number, SealedEntry>(found.map((entry) => [entry.seq, entry]));
    for (let seq = from; seq < to; seq++) {
      const leafHash = hashes[seq - from];
      const entry = bySeq.get(seq);
      if (leafHash && entry) yield lineOf(leafHash, entry);
      else if (leafHash && seq < prunedTo) yield entryLine({ seq, leafHash, content: null });
    }
  }
}

/** Whatever stands in the database in place of a body is given as it is: the verifier says what is wrong with it. */
function lineOf(leafHash: Hash, { seq, body, detached }: SealedEntry): string {
  const parsed = parseBody(body);
  return parsed && detached
    ? entryLine({ seq, leafHash, content: { body: parsed, detached } })
    : `${JSON.stringify({ seq, leafHash: leafHash.toString('base64'), body })}\n`;
}

/** null: it is no JSON object. */
function parseBody(text: string | null): LogBody | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' && value !== null ? (value as LogBody) : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}
