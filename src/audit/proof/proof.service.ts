import type { Actor } from '../../auth/actor.js';
import { badInput } from '../../errors.js';
import type { AuditEntry } from '../entries/audit.js';
import type { AuditService } from '../entries/audit.service.js';
import type { CheckpointService, SignedCheckpoint } from '../checkpoints/checkpoint.worker.js';
import { consistencyProof, type Hash, inclusionProof } from '../sealing/merkle.js';
import type { ProofRepository } from './proof.repository.js';

/** What shows that an entry is in the log. null in all but `entry` and `body`: it is not sealed yet. */
export interface AuditProof {
  entry: AuditEntry;
  sealed: boolean;
  seq: bigint | null;
  leafHash: Hash | null;
  /** null: hidden from the reader. */
  body: string | null;
  proof: Hash[] | null;
  checkpoint: SignedCheckpoint | null;
}

export interface AuditCheckpoint extends SignedCheckpoint {
  verifierKey: string;
  /** null: nothing was asked about. */
  consistencyProof: Hash[] | null;
}

/** Lets anybody check, without trusting the server, that the log holds an entry and that it only ever grew. */
export class ProofService {
  constructor(
    private readonly entries: AuditService,
    private readonly bodies: ProofRepository,
    private readonly checkpoints: CheckpointService,
  ) {}

  /** null when there is no such entry for the actor. Throws UNAVAILABLE when no checkpoint can be signed. */
  async prove(actor: Actor, id: string): Promise<AuditProof | null> {
    const entry = (await this.entries.byIds(actor, [id])).get(id);
    if (!entry) return null;
    const body = entry.hidden ? null : await this.bodies.bodyOf(actor.origin, id);
    const sizeThen = await this.bodies.sizeThen(actor);
    const unsealed = { entry, sealed: false, seq: null, leafHash: null, body, proof: null, checkpoint: null };
    if (entry.seq === null) return unsealed;
    const checkpoint = await this.checkpoints.signed(actor, sizeThen);
    const read = this.checkpoints.reader(actor.origin);
    const index = Number(entry.seq);
    // A number that the log does not count was not given by it.
    if (index >= checkpoint.size) return unsealed;
    const [leafHash, proof] = [await read(0, index), await inclusionProof(index, checkpoint.size, read)];
    return { entry, sealed: true, seq: entry.seq, leafHash, body, proof, checkpoint };
  }

  /** The log as it is, or was at the time of an auditor session, signed; with the proof that it began with its first `since` entries. Throws BAD_USER_INPUT. */
  async checkpoint(actor: Actor, since: bigint | null): Promise<AuditCheckpoint> {
    const checkpoint = await this.checkpoints.signed(actor, await this.bodies.sizeThen(actor));
    if (since !== null && (since < 0n || since > BigInt(checkpoint.size))) {
      throw badInput(
        `\`since\` is ${since}; the log has ${checkpoint.size} entries. Give the size of a checkpoint of it.`,
      );
    }
    const proof =
      since === null
        ? null
        : await consistencyProof(Number(since), checkpoint.size, this.checkpoints.reader(actor.origin));
    return { ...checkpoint, verifierKey: this.checkpoints.verifierKey, consistencyProof: proof };
  }
}
