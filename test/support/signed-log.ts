import { newSigningKey, readSigner, signCheckpoint, type Signer } from '../../src/audit/checkpoints/checkpoint.js';
import { canonicalBody, detach, type LogBody } from '../../src/audit/record/log-entry.js';
import { checkpointLine, entryLine, type ExportEntry, headerLine } from '../../src/audit/verification/log-export.js';
import { Frontier, type Hash, leafHash } from '../../src/audit/sealing/merkle.js';

export const ORIGIN = 'weftline.example/audit';
/** Entries below have no body any more: they are past retention. */
export const PAST_RETENTION = 12;

/** A log as the server would export it: entries that differ, values detached, checkpoints on the way. */
export class SignedLog {
  readonly key = newSigningKey(ORIGIN);
  readonly entries: ExportEntry[] = [];
  readonly #roots: Hash[];

  constructor(readonly size: number) {
    const tree = new Frontier();
    this.#roots = [tree.root()];
    for (let seq = 0; seq < size; seq += 1) {
      const { body, detached } = detach(bodyOf(seq), ['/actorName', '/reason', '/after/handle']);
      const leaf = leafHash(Buffer.from(canonicalBody(body)));
      this.entries.push({ seq, leafHash: leaf, content: seq < PAST_RETENTION ? null : { body, detached } });
      tree.append(leaf);
      this.#roots.push(tree.root());
    }
  }

  /** The lines of the export, without line feeds: the header, the entry of seq at seq + 1, the checkpoint. */
  lines(): string[] {
    const header = headerLine({ origin: ORIGIN, exportedAt: new Date('2026-11-25T12:00:00Z') });
    const lines = [header, ...this.entries.map(entryLine), checkpointLine(this.checkpoint(this.size))];
    return lines.map((line) => line.trimEnd());
  }

  checkpoint(
    size: number,
    { signer = this.signer, origin = ORIGIN }: { signer?: Signer; origin?: string } = {},
  ): string {
    const root = this.#roots[size];
    if (!root) throw new Error(`The log has no size ${size}.`);
    return signCheckpoint({ origin, size, root }, signer);
  }

  get signer(): Signer {
    return readSigner(this.key.signer);
  }
}

function bodyOf(seq: number): LogBody {
  const id = `01a20b38-0000-7000-8000-${String(seq).padStart(12, '0')}`;
  const denied = seq % 7 === 0;
  return {
    v: 1,
    id,
    at: new Date(Date.UTC(2026, 9, 1) + seq * 60_000).toISOString(),
    actor: `01a20b38-0000-7000-9000-${String(seq % 5).padStart(12, '0')}`,
    actorName: `Person ${seq % 5}`,
    action: seq % 3 === 0 ? 'access:decide' : 'asset:update',
    outcome: denied ? 'DENIED' : 'DONE',
    target: `01a20b38-0000-7000-a000-${String(seq % 11).padStart(12, '0')}`,
    targetName: `urn:weft:dataset:lake:table-${seq % 11}`,
    assets: [`01a20b38-0000-7000-a000-${String(seq % 11).padStart(12, '0')}`],
    requestId: `request-${seq}`,
    operation: 'decide',
    before: seq % 2 === 0 ? { rows: seq } : null,
    after: { rows: seq + 1, handle: `person-${seq % 5}` },
    reason: denied ? 'Nöt granted' : null,
  };
}
