import { recordAudit } from '../../audit/record/record.js';
import { type Actor, actorId } from '../../auth/actor.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { Asset } from '../../catalog/model/asset.js';
import { unknownField } from '../../catalog/model/field-names.js';
import type { Version } from '../../catalog/versions/version.js';
import type { VersionRepository } from '../../catalog/versions/version.repository.js';
import { badInput, conflict, limitExceeded, notFound } from '../../errors.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { awaitDecisions } from '../gate/gate.js';
import { type Dimensions, textsOf, valueOf } from './dimensions.js';
import type { Declaration } from './label.js';
import type { DeclareLabelInput, WithdrawLabelInput } from './label.input.js';
import type { LabelRepository } from './label.repository.js';

/** Declared and withdrawn alike stay, and each walk reads them. */
const MOST_DECLARATIONS = 1_000;

interface Subject {
  asset: Asset;
  version: Version | null;
}

/** What owners say of their assets: each on two clocks, and nothing of it is ever deleted. */
export class LabelService {
  constructor(
    private readonly graph: Graph,
    private readonly rows: LabelRepository,
    private readonly assets: AssetService,
    private readonly versions: VersionRepository,
    private readonly dimensions: Dimensions,
    private readonly now: () => Date,
  ) {}

  /** Throws BAD_USER_INPUT, NOT_FOUND, FORBIDDEN or LIMIT_EXCEEDED. */
  declare(actor: Actor, input: DeclareLabelInput): Promise<Declaration> {
    const dimension = this.dimensions.named(input.dimension);
    const value = valueOf(dimension, input.values);
    return this.graph.write(actor.origin, async (tx) => {
      const subject = await this.lockSubject(tx, actor, input);
      await awaitDecisions(tx, this.now());
      const field = await this.fieldIn(tx, subject.asset, input.field ?? null);
      await this.checkRoom(tx, subject);
      const now = this.now();
      const declaration: Declaration = {
        ...{ id: newId(), dimension: dimension.name, value, field },
        ...{ assetId: subject.asset.id, versionId: subject.version?.id ?? null },
        ...timesOf(input, now),
        ...{ recordedAt: now, retractedAt: null, declaredById: actorId(actor), reason: input.reason ?? null },
      };
      await this.rows.declare(tx, [declaration]);
      await this.account(tx, actor, subject, 'label:declare', declaration, input.reason ?? null);
      return declaration;
    });
  }

  /** Takes back what was declared, or ends it; the same again is no change. Throws NOT_FOUND, FORBIDDEN or BAD_USER_INPUT. */
  withdraw(actor: Actor, { label, from, reason }: WithdrawLabelInput): Promise<Declaration> {
    return this.graph.write(actor.origin, async (tx) => {
      const missing = notFound(`There is no label ${label.slice(0, 120)}, or you may not know of it.`);
      const seen = await this.rows.find(tx, actor, label);
      if (!seen) throw missing;
      const { asset } = await this.assets.lockFor(tx, actor, seen.assetId, 'EDIT');
      await awaitDecisions(tx, this.now());
      // Read again under the lock: somebody else may have withdrawn it meanwhile.
      const said = await this.rows.find(tx, actor, label);
      if (!said) throw missing;
      if (said.retractedAt) return said;
      if (from && said.validUntil && said.validUntil <= from) return said;
      const now = this.now();
      await this.rows.retract(tx, said.id, actorId(actor), reason ?? null, now);
      const ends = from && from > said.validFrom ? from : null;
      const rest = ends
        ? { ...said, id: newId(), validUntil: ends, recordedAt: now, declaredById: actorId(actor) }
        : null;
      if (rest) await this.rows.declare(tx, [rest]);
      const version =
        said.versionId === null
          ? null
          : ((await this.versions.pinned(tx, actor, [said.versionId])).get(said.versionId)?.version ?? null);
      await this.account(tx, actor, { asset, version }, 'label:withdraw', said, reason ?? null, ends);
      return rest ?? { ...said, retractedAt: now };
    });
  }

  private async lockSubject(
    tx: WriteTransaction,
    actor: Actor,
    { asset: ref, version: id }: DeclareLabelInput,
  ): Promise<Subject> {
    if ((ref == null) === (id == null)) throw badInput('Give either `asset` or `version`.');
    const pinned = id == null ? null : ((await this.versions.pinned(tx, actor, [id])).get(id) ?? null);
    const of = ref ?? pinned?.asset.id;
    if (of === undefined) throw notFound(`There is no version ${(id ?? '').slice(0, 120)}, or you may not know of it.`);
    const { asset } = await this.assets.lockFor(tx, actor, of, 'EDIT');
    if (asset.isJoined && pinned === null)
      throw conflict(`${asset.urn} is joined with another data set. Label its versions, or undo that first.`);
    return { asset, version: pinned?.version ?? null };
  }

  private async fieldIn(tx: WriteTransaction, asset: Asset, field: string | null): Promise<string | null> {
    if (field === null) return null;
    if (asset.kind !== 'DATASET') throw badInput(`${asset.urn} is a ${asset.kind}; only a DATASET has fields.`);
    const names = (await this.assets.fieldsIn(tx, asset)).map(({ name }) => name);
    if (!names.includes(field)) throw unknownField(asset.urn, field, names);
    return field;
  }

  private async checkRoom(tx: WriteTransaction, { asset, version }: Subject): Promise<void> {
    if ((await this.rows.count(tx, version?.id ?? asset.id)) >= MOST_DECLARATIONS)
      throw limitExceeded(
        `${asset.urn} has ${MOST_DECLARATIONS} labels, with those that were withdrawn; there may be no more.`,
      );
  }

  private account(
    tx: WriteTransaction,
    actor: Actor,
    { asset, version }: Subject,
    action: string,
    { id, dimension, value, field, validFrom, validUntil }: Declaration,
    reason: string | null,
    ends: Date | null = null,
  ): Promise<void> {
    const said = {
      ...{ label: id, dimension, values: textsOf(value), field },
      ...{ validFrom: validFrom.toISOString(), validUntil: validUntil?.toISOString() ?? null },
    };
    const isWithdrawn = action === 'label:withdraw';
    return recordAudit(tx, actor, {
      ...{ action, targetId: version?.id ?? asset.id, assetIds: [asset.id], reason, at: this.now() },
      targetName: version ? `${asset.urn}@${version.version}` : asset.urn,
      before: isWithdrawn ? said : null,
      after: isWithdrawn ? ends && { ...said, validUntil: ends.toISOString() } : said,
    });
  }
}

function timesOf(
  { validFrom, validUntil }: DeclareLabelInput,
  now: Date,
): { validFrom: Date; validUntil: Date | null } {
  const from = validFrom ?? now;
  if (validUntil && validUntil <= from)
    throw badInput(
      `\`validUntil\` is ${validUntil.toISOString()}, which is not after ${from.toISOString()}, when it begins.`,
    );
  return { validFrom: from, validUntil: validUntil ?? null };
}
