import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { BigIntScalar } from '../../graphql/scalars.js';
import type { ProofService } from './proof.service.js';
import { AuditCheckpointType, AuditProofType } from './proof.type.js';

@Resolver()
export class ProofResolver {
  constructor(private readonly proofs: ProofService) {}

  @Query(() => AuditProofType, {
    nullable: true,
    name: 'auditProof',
    description: 'A proof that an entry of the audit log stands in it unchanged; null when there is none for you.',
  })
  async proveEntry(
    @Ctx() { actor }: Context,
    @Arg('entry', () => ID, { description: 'Id of the entry.' }) entry: string,
  ): Promise<AuditProofType | null> {
    const found = await this.proofs.prove(actor, entry);
    if (found === null) return null;
    const { leafHash, proof, checkpoint, ...same } = found;
    return {
      ...same,
      leafHash: leafHash && base64(leafHash),
      treeSize: checkpoint && BigInt(checkpoint.size),
      proof: proof && proof.map(base64),
      checkpoint: checkpoint && checkpoint.note,
    };
  }

  @Query(() => AuditCheckpointType, {
    nullable: true,
    name: 'auditCheckpoint',
    description: 'The sealed audit log as it is now, signed.',
  })
  async signCheckpoint(
    @Ctx() { actor }: Context,
    @Arg('since', () => BigIntScalar, {
      nullable: true,
      description: 'Size of a checkpoint you have: the answer then proves that the log has only grown since.',
    })
    since?: bigint | null,
  ): Promise<AuditCheckpointType> {
    const { size, root, consistencyProof, ...same } = await this.proofs.checkpoint(actor, since ?? null);
    return {
      ...same,
      size: BigInt(size),
      root: base64(root),
      consistencyProof: consistencyProof && consistencyProof.map(base64),
    };
  }
}

const base64 = (bytes: Buffer): string => bytes.toString('base64');
