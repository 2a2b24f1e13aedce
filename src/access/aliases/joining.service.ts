import { type Actor, actorId } from '../../auth/actor.js';
import { entryOf } from '../../audit/record/record.js';
import type { AssetRepository } from '../../catalog/assets/asset.repository.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { NewField } from '../../catalog/assets/dataset-fields.repository.js';
import type { Asset } from '../../catalog/model/asset.js';
import { tagTokens, wordsOfNames } from '../../catalog/text/searched.js';
import { partsOfUrn } from '../../catalog/model/urn.js';
import { conflict, limitExceeded, type WeftlineError } from '../../errors.js';
import { idAt } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import { MOST_JOINED } from './alias.js';
import type { JoinRepository, Pair } from './join.repository.js';

/** What is accounted for, once, with a change of the kept one. */
export interface JoinFact {
  action: string;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  reason: string | null;
}

const MOST_TAGS = 100;
const INHERITED = 'INHERITED';
const SAID_BY_OTHER = 'Told of under another name of this data set.';

/**
 * Makes one data set of two, and two of one again (ADR 67). Who may is decided before. Both are locked by whoever calls, and so is the
 * kept one of a pair by the first statement of each of these.
 */
export class Joining {
  constructor(
    private readonly rows: JoinRepository,
    private readonly assets: AssetService,
    private readonly assetRows: AssetRepository,
    private readonly now: () => Date,
  ) {}

  /** Sets the other aside for the kept one. Throws CONFLICT or LIMIT_EXCEEDED, and nothing is kept then. */
  async join(tx: WriteTransaction, actor: Actor, kept: Asset, other: Asset, fact: JoinFact): Promise<void> {
    const pair = { keptId: kept.id, otherId: other.id };
    const { things, isOffered, trains, isAudited } = await this.rows.weigh(tx, pair);
    const names = `${kept.urn} and ${other.urn}`;
    if (trains) throw conflict(`A training job that has not ended reads one of ${names}. Accept it once it has ended.`);
    if (isOffered) throw conflict(`Ownership of one of ${names} is offered to somebody. Have that decided first.`);
    if (isAudited) throw underAudit(names);
    if (things > MOST_JOINED)
      throw limitExceeded(
        `On ${other.urn} hang ${things} things; at most ${MOST_JOINED} can move. Keep that one with \`keep\`, and join the other into it.`,
      );
    await this.rows.moveFlows(tx, pair);
    await this.rows.setAside(tx, pair);
    await this.gatherColumns(tx, actor, [pair]);
    await this.show(tx, actor, pair.keptId, fact);
  }

  /** Gives the other back as it was, with what was said of it since. Grants given from `since` on end. Throws CONFLICT. */
  async part(tx: WriteTransaction, actor: Actor, pair: Pair, since: Date, fact: JoinFact): Promise<void> {
    const { isAudited } = await this.rows.weigh(tx, pair);
    if (isAudited) throw underAudit('what was joined');
    await this.rows.nameAgain(tx, pair);
    await this.rows.leadColumnsBack(tx, pair);
    await this.rows.part(tx, pair, { since: idAt(since), actorId: actorId(actor) });
    const left = (await this.rows.asideOf(tx, pair.keptId)).map(({ id }) => ({ keptId: pair.keptId, otherId: id }));
    // Who owns both of what was joined still owns the kept one by the one that is left.
    for (const each of left) await this.rows.setAside(tx, each);
    await this.gatherColumns(tx, actor, left, pair.keptId);
    await this.show(tx, actor, pair.keptId, fact);
  }

  /**
   * Lets those of the ids that were set aside be as they were, for the rest of the transaction: what is then written of them is theirs.
   * `gather` has to follow.
   */
  async apart(tx: WriteTransaction, ids: readonly string[]): Promise<Pair[]> {
    const pairs = ids.length === 0 ? [] : await this.rows.aside(tx, ids);
    for (const pair of pairs) await this.rows.nameAgain(tx, pair);
    return pairs;
  }

  /** Sets those aside again that were let be, with what is new of them. */
  async gather(tx: WriteTransaction, actor: Actor, pairs: readonly Pair[]): Promise<void> {
    for (const pair of pairs) await this.rows.setAside(tx, pair);
    await this.gatherColumns(tx, actor, pairs);
  }

  /** Says that columns of the kept one are its own, whatever others say. */
  ownColumns(tx: WriteTransaction, keptId: string, fields: readonly NewField[]): Promise<void> {
    const names = fields.map(({ name }) => name);
    return this.rows.markColumns(tx, keptId, names, true);
  }

  /** Gives the kept ones the columns of others that they lack, and takes away those that none has any more. */
  private async gatherColumns(tx: WriteTransaction, actor: Actor, pairs: readonly Pair[], also?: string) {
    for (const keptId of new Set([...pairs.map((pair) => pair.keptId), ...(also === undefined ? [] : [also])])) {
      const own = pairs.filter((pair) => pair.keptId === keptId);
      const { asset } = await this.assets.lock(tx, { ...actor, role: 'ADMIN' }, keptId);
      const gone = new Set(await this.rows.columnsLeft(tx, keptId));
      const present = (await this.assets.fieldsIn(tx, asset)).filter(({ name }) => !gone.has(name));
      const names = new Set(present.map(({ name }) => name));
      const missing: NewField[] = [];
      for (const { otherId } of own) {
        for (const field of await this.rows.columnsMissing(tx, otherId)) {
          if (names.has(field.name)) continue;
          names.add(field.name);
          missing.push(field);
        }
      }
      if (missing.length + gone.size > 0)
        await this.assets.replaceFields(tx, actor, asset, [...present, ...missing].map(plain), SAID_BY_OTHER);
      await this.rows.markColumns(
        tx,
        keptId,
        missing.map(({ name }) => name),
      );
      for (const pair of own) await this.rows.leadColumns(tx, pair);
    }
  }

  /** What the kept one shows of those that were joined into it: words to be found by, tags, and the stricter visibility. */
  private async show(tx: WriteTransaction, actor: Actor, keptId: string, fact: JoinFact): Promise<void> {
    const itself = await this.rows.ofItself(tx, keptId);
    const aside = await this.rows.asideOf(tx, keptId);
    const added = new Set(itself.joinedTags);
    const own = itself.tags.filter((tag) => !added.has(tag));
    const tags = [...new Set([...own, ...aside.flatMap((each) => each.tags)])].slice(
      0,
      Math.max(MOST_TAGS, own.length),
    );
    const isRestricted = aside.some((each) => each.isRestricted);
    const all = [itself, ...aside];
    const changes: Parameters = {
      ...{ tags, tagTokens: tagTokens(tags), joinedTags: tags.slice(own.length) },
      ...wordsOfNames([...all, ...all.flatMap(({ symlinks }) => symlinks).map(partsOfUrn)]),
      ...visibilityOf(itself, isRestricted),
    };
    const { asset } = await this.assets.lock(tx, { ...actor, role: 'ADMIN' }, keptId);
    const target = { targetId: keptId, targetName: asset.urn, assetIds: [keptId] };
    const entry = entryOf(tx, actor, { ...fact, ...target, at: this.now() });
    const inherits = !isRestricted && itself.apart === INHERITED;
    await this.assetRows.change(tx, keptId, { changes, entry, inherits });
  }
}

/** What is stored of the visibility: restricted as long as one that was joined is, then what it was. */
function visibilityOf({ apart, own }: { apart: string | null; own: string | null }, isRestricted: boolean): Parameters {
  if (isRestricted)
    return { ownVisibility: 'RESTRICTED', visibility: 'RESTRICTED', visibilityApart: apart ?? own ?? INHERITED };
  if (apart === null) return {};
  if (apart === INHERITED) return { ownVisibility: null, visibilityApart: null };
  return { ownVisibility: apart, visibility: apart, visibilityApart: null };
}

const plain = ({ name, type, description }: NewField): NewField => ({ name, type, description });

/** What a session of an auditor sees as of one time must not change under it. */
const underAudit = (names: string): WeftlineError =>
  conflict(`Open sessions of auditors see ${names} as of then. Do this once they have ended (auditorSessions).`);
