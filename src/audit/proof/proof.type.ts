import { Field, ObjectType } from 'type-graphql';
import { BigIntScalar, DateTime } from '../../graphql/scalars.js';
import type { AuditEntry } from '../entries/audit.js';
import { AuditEntryType } from '../entries/audit.type.js';

@ObjectType('AuditProof', {
  description:
    'A proof, for whoever has the verifier key, that an entry stands in the sealed log: RFC 6962 hashes, and a C2SP signed checkpoint.',
})
export class AuditProofType {
  @Field(() => AuditEntryType, { description: 'The entry that is proved.' })
  entry!: AuditEntry;
  @Field(() => Boolean, {
    description: 'Whether it has its place in the log. If not, ask again in a second: there is no proof yet.',
  })
  sealed!: boolean;
  @Field(() => BigIntScalar, { nullable: true, description: 'Its place in the log, from 0; null until it is sealed.' })
  seq!: bigint | null;
  @Field(() => String, {
    nullable: true,
    description: 'SHA-256 of a zero byte and the body, base64; null until it is sealed.',
  })
  leafHash!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The canonical JSON that was hashed, with { "sha256" } for personal texts; null when the entry is hidden from you.',
  })
  body!: string | null;
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Entries in the log that the proof is about; null until it is sealed.',
  })
  treeSize!: bigint | null;
  @Field(() => [String], {
    nullable: true,
    description: 'Hashes from the leaf up to the root of that log, base64; null until it is sealed.',
  })
  proof!: string[] | null;
  @Field(() => String, {
    nullable: true,
    description: 'The signed note with the size and root of that log; null until it is sealed.',
  })
  checkpoint!: string | null;
}

@ObjectType('AuditCheckpoint', {
  description: 'The sealed log as it is now, signed: whoever keeps it can prove later that nothing in it was changed.',
})
export class AuditCheckpointType {
  @Field(() => String, { description: 'Names the log.' })
  origin!: string;
  @Field(() => BigIntScalar, { description: 'Entries in it.' })
  size!: bigint;
  @Field(() => String, { description: 'Root of the RFC 6962 tree over them, base64.' })
  root!: string;
  @Field(() => DateTime, { description: 'The time when it was signed.' })
  at!: Date;
  @Field(() => String, { description: 'All this as a signed note (C2SP tlog-checkpoint, Ed25519).' })
  note!: string;
  @Field(() => String, {
    description: 'The key that checks the note. Get it once over a way you trust, not with each answer.',
  })
  verifierKey!: string;
  @Field(() => [String], {
    nullable: true,
    description: 'Hashes that show that the log begins with its first `since` entries, base64; null without `since`.',
  })
  consistencyProof!: string[] | null;
}
