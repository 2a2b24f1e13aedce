import { type Actor, actorId, readsEverything } from '../../auth/actor.js';
import { may, type RightsFacts } from '../../auth/rights.js';
import { recordAudit } from '../../audit/record/record.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { badInput, conflict, forbidden, notFound, type WeftlineError } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { type AliasProposal, type AssetAlias, MOST_REASON, type Side } from './alias.js';
import type { DecideAliasInput, ProposeAliasInput, UndoAliasInput } from './alias.input.js';
import type { AliasConditions, AliasRepository, LockedOfPair, TracedProposal } from './alias.repository.js';
import { assetsOf, checkJoinable, checkProposable, type LockedPair, newProposal, SIDES } from './alias.rules.js';
import type { Joining } from './joining.service.js';

/** Two names of one table: proposed, decided by owners of both, undone. */
export class AliasService {
  constructor(
    private readonly graph: Graph,
    private readonly rows: AliasRepository,
    private readonly joining: Joining,
    private readonly assets: AssetService,
    private readonly now: () => Date,
  ) {}

  list(actor: Actor, conditions: AliasConditions, page: Page): Promise<PageRows<TracedProposal>> {
    return this.rows.list(actor, conditions, page);
  }

  count(actor: Actor, conditions: AliasConditions): Promise<number> {
    return this.rows.count(actor, conditions);
  }

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, TracedProposal>> {
    return this.rows.byIds(actor, ids);
  }

  aliasesOf(actor: Actor, ids: readonly string[]): Promise<Map<string, AssetAlias[]>> {
    return this.rows.aliasesOf(actor, ids);
  }

  /** Proposes; where the same is proposed already, that. Throws NOT_FOUND, FORBIDDEN, BAD_USER_INPUT or CONFLICT. */
  async propose(actor: Actor, input: ProposeAliasInput): Promise<TracedProposal> {
    const reason = reasonOf(input.reason);
    const proposal = await this.graph.write(actor.origin, async (tx) => {
      const [asset, sameAs] = [
        await this.assets.look(tx, actor, input.asset),
        await this.assets.look(tx, actor, input.sameAs),
      ];
      checkProposable(asset.asset, sameAs.asset);
      if (![asset, sameAs].some(({ rights }) => may(actor, rights, 'EDIT')))
        throw forbidden(`You may EDIT neither ${asset.asset.urn} nor ${sameAs.asset.urn}. Ask with requestAccess.`);
      const pair = await this.lockPair(tx, actor, asset.asset.id, sameAs.asset.id);
      if (!pair) throw notFound(`There is no asset ${input.asset} or ${input.sameAs}, or you may not know of it.`);
      const latest = await this.rows.latestOf(tx, asset.asset.id, sameAs.asset.id);
      if (latest?.state === 'PROPOSED') return latest;
      return this.create(tx, actor, pair, reason);
    });
    return traced(proposal);
  }

  /** Within the transaction of a source that was told so by a producer; once: also not again when it was declined or undone. */
  async proposeOnce(tx: WriteTransaction, actor: Actor, ids: readonly [string, string], reason: string): Promise<void> {
    const pair = await this.lockPair(tx, actor, ...ids);
    if (!pair || pair.asset.asset.kind !== 'DATASET' || pair.sameAs.asset.kind !== 'DATASET') return;
    if (SIDES.some((side) => pair[side].asset.retiredAt !== null)) return;
    if ((await this.rows.latestOf(tx, ...ids)) === null) await this.create(tx, actor, pair, reason);
  }

  /**
   * Gives the word of an owner, or declines. Once words for both are given, both are joined. Throws NOT_FOUND, FORBIDDEN, BAD_USER_INPUT,
   * LIMIT_EXCEEDED or CONFLICT.
   */
  async decide(actor: Actor, input: DecideAliasInput): Promise<TracedProposal> {
    const reason = reasonOf(input.reason);
    const decided = await this.graph.write(actor.origin, async (tx) => {
      const proposal = await this.rows.lock(tx, input.proposal);
      if (!proposal) throw proposalNotFound(input.proposal);
      if (proposal.state !== 'PROPOSED') return this.decidedAlready(actor, proposal, input);
      const pair = await this.lockPair(tx, actor, proposal.assetId, proposal.sameAsId);
      if (!pair) throw proposalNotFound(input.proposal);
      const mine = SIDES.filter((side) => may(actor, pair[side].rights, 'MANAGE_OWNERS'));
      const isMine = proposal.proposerId === actorId(actor);
      if (mine.length === 0 && !(isMine && !input.accept))
        throw this.notYours(actor, proposal, [pair.asset.rights, pair.sameAs.rights]);
      const end = { deciderId: actorId(actor), decidedAt: this.now(), decision: reason };
      if (!input.accept) {
        const state = isMine ? ('WITHDRAWN' as const) : ('DECLINED' as const);
        return this.keep(tx, actor, proposal, { ...proposal, ...end, state });
      }
      return this.accept(tx, actor, { proposal, pair, mine, keep: input.keep ?? null, end });
    });
    return traced(decided);
  }

  /** Makes two of one again. Undone already, nothing changes. Throws NOT_FOUND, FORBIDDEN or CONFLICT. */
  async undo(actor: Actor, input: UndoAliasInput): Promise<TracedProposal> {
    const undoReason = reasonOf(input.reason);
    const undone = await this.graph.write(actor.origin, async (tx) => {
      const proposal = await this.rows.lock(tx, input.proposal);
      if (!proposal) throw proposalNotFound(input.proposal);
      const { keepId } = proposal;
      if (proposal.state !== 'ACCEPTED' || keepId === null) {
        if (!(await this.rows.byIds(actor, [proposal.id])).has(proposal.id)) throw proposalNotFound(input.proposal);
        if (proposal.state === 'UNDONE') return proposal;
        throw conflict(`The proposal ${proposal.id} is ${proposal.state}: nothing was joined by it.`);
      }
      const otherId = keepId === proposal.assetId ? proposal.sameAsId : proposal.assetId;
      const kept = (await this.rows.lockPair(tx, actor, [keepId])).get(keepId);
      if (!kept) throw proposalNotFound(input.proposal);
      const aside = await this.rows.rightsAside(tx, actor, otherId);
      const rights = [kept.rights, ...(aside ? [aside] : [])];
      if (!rights.some((each) => may(actor, each, 'MANAGE_OWNERS'))) throw this.notYours(actor, proposal, rights);
      await this.joining.part(tx, actor, { keptId: keepId, otherId }, proposal.decidedAt ?? proposal.createdAt, {
        action: 'alias:part',
        before: { urns: [proposal.assetUrn, proposal.sameAsUrn] },
        after: { urn: kept.asset.urn },
        reason: undoReason,
      });
      const undoneAt = this.now();
      const after = { ...proposal, state: 'UNDONE' as const, undoneById: actorId(actor), undoneAt, undoReason };
      return this.keep(tx, actor, proposal, after);
    });
    return traced(undone);
  }

  private async accept(
    tx: WriteTransaction,
    actor: Actor,
    given: {
      proposal: AliasProposal;
      pair: LockedPair;
      mine: readonly Side[];
      keep: string | null;
      end: Pick<AliasProposal, 'deciderId' | 'decidedAt' | 'decision'>;
    },
  ): Promise<AliasProposal> {
    const { proposal, pair, mine, end } = given;
    const keepId = await this.keptOf(tx, actor, proposal, given.keep);
    const word = { byId: actorId(actor), at: end.decidedAt ?? this.now() };
    const words = { ...proposal.words };
    for (const side of SIDES) {
      const before = words[side];
      if (mine.includes(side)) words[side] = before?.byId === word.byId ? before : word;
      // Whoever owns it no longer has no word any more.
      else if (before && !(await this.rows.stillSpeaks(tx, before.byId, pair[side].asset.id))) words[side] = null;
    }
    if (words.asset === null || words.sameAs === null) {
      const after = { ...proposal, words, keepId };
      return this.keep(tx, actor, proposal, after);
    }
    const kept = keepId ?? proposal.sameAsId;
    const [stays, other]: [LockedOfPair, LockedOfPair] =
      kept === pair.asset.asset.id ? [pair.asset, pair.sameAs] : [pair.sameAs, pair.asset];
    checkJoinable(stays, other);
    const after = { ...proposal, words, keepId: kept, ...end, state: 'ACCEPTED' as const };
    const accepted = await this.keep(tx, actor, proposal, after);
    await this.joining.join(tx, actor, stays.asset, other.asset, {
      action: 'alias:join',
      before: { urn: stays.asset.urn },
      after: { urn: stays.asset.urn, joined: other.asset.urn, proposal: proposal.id },
      reason: end.decision,
    });
    return accepted;
  }

  /** Which of both stays, by what was said before and now; null: nobody has said. Throws BAD_USER_INPUT or CONFLICT. */
  private async keptOf(
    tx: WriteTransaction,
    actor: Actor,
    proposal: AliasProposal,
    ref: string | null,
  ): Promise<string | null> {
    if (ref === null) return proposal.keepId;
    const { asset } = await this.assets.look(tx, actor, ref);
    if (asset.id !== proposal.assetId && asset.id !== proposal.sameAsId)
      throw badInput(`\`keep\` is ${asset.urn}; it must be ${proposal.assetUrn} or ${proposal.sameAsUrn}.`);
    if (proposal.keepId !== null && proposal.keepId !== asset.id)
      throw conflict(
        `Another owner agreed on condition that ${proposal.keepId} stays. Agree without \`keep\`, or decline and propose anew.`,
      );
    return asset.id;
  }

  /** What was decided the same way stays so. Throws NOT_FOUND or CONFLICT. */
  private async decidedAlready(actor: Actor, proposal: AliasProposal, input: DecideAliasInput): Promise<AliasProposal> {
    if (!(await this.rows.byIds(actor, [proposal.id])).has(proposal.id)) throw proposalNotFound(input.proposal);
    const isSame = input.accept ? proposal.state === 'ACCEPTED' : ['DECLINED', 'WITHDRAWN'].includes(proposal.state);
    if (isSame) return proposal;
    const undo =
      proposal.state === 'ACCEPTED' ? ' Take that back with undoAlias.' : ' Propose it anew with proposeAlias.';
    throw conflict(`The proposal ${proposal.id} is ${proposal.state} already.${undo}`);
  }

  /** To whom a proposal is not told, it is as if there were none. */
  private notYours(actor: Actor, proposal: AliasProposal, rights: readonly RightsFacts[]): WeftlineError {
    const isConcerned =
      proposal.proposerId === actorId(actor) || rights.some(({ ownerRoles }) => ownerRoles.length > 0);
    if (!isConcerned && !readsEverything(actor)) return proposalNotFound(proposal.id);
    return forbidden(`Whether ${proposal.assetUrn} and ${proposal.sameAsUrn} are one is for OWNERs of both to decide.`);
  }

  private async create(
    tx: WriteTransaction,
    actor: Actor,
    pair: LockedPair,
    reason: string | null,
  ): Promise<AliasProposal> {
    const proposal = newProposal(actor, pair, reason, this.now());
    await this.rows.create(tx, proposal);
    await this.account(tx, actor, 'alias:propose', null, proposal);
    return proposal;
  }

  /** Keeps what the proposal is now, and accounts for it; what is as it was is not written. */
  private async keep(
    tx: WriteTransaction,
    actor: Actor,
    before: AliasProposal,
    after: AliasProposal,
  ): Promise<AliasProposal> {
    if (JSON.stringify(before) === JSON.stringify(after)) return before;
    await this.rows.change(tx, after);
    await this.account(tx, actor, after.state === 'UNDONE' ? 'alias:undo' : 'alias:decide', before, after);
    return after;
  }

  private account(
    tx: WriteTransaction,
    actor: Actor,
    action: string,
    before: AliasProposal | null,
    after: AliasProposal,
  ): Promise<void> {
    const told = ({ state, keepId, words }: AliasProposal) => ({
      ...{ state, keep: keepId },
      agreed: [words.asset?.byId ?? null, words.sameAs?.byId ?? null],
    });
    return recordAudit(tx, actor, {
      action,
      targetId: after.id,
      targetName: `${after.assetUrn} = ${after.sameAsUrn}`,
      assetIds: assetsOf(after),
      before: before && told(before),
      after: told(after),
      reason: after.undoReason ?? after.decision ?? after.reason,
      at: this.now(),
    });
  }

  private async lockPair(
    tx: WriteTransaction,
    actor: Actor,
    assetId: string,
    sameAsId: string,
  ): Promise<LockedPair | null> {
    const locked = await this.rows.lockPair(tx, actor, [assetId, sameAsId]);
    const [asset, sameAs] = [locked.get(assetId), locked.get(sameAsId)];
    return asset && sameAs ? { asset, sameAs } : null;
  }
}

/** With the assets that its names lead to now: by whoever changed it, they may be seen. */
function traced(proposal: AliasProposal): TracedProposal {
  const { assetId, sameAsId, keepId, state } = proposal;
  const isOne = state === 'ACCEPTED' && keepId !== null;
  return { ...proposal, assetNow: isOne ? keepId : assetId, sameAsNow: isOne ? keepId : sameAsId };
}

/** Throws BAD_USER_INPUT. */
function reasonOf(given: string | null | undefined): string | null {
  const reason = given?.trim() ?? '';
  const length = [...reason].length;
  if (length > MOST_REASON) throw badInput(`The reason has ${length} characters; at most ${MOST_REASON} are possible.`);
  return reason === '' ? null : reason;
}

function proposalNotFound(id: string): WeftlineError {
  const shown = id.length > 120 ? `${id.slice(0, 120)}…` : id;
  return notFound(`There is no proposal of an alias ${shown}, or you may not know of it.`);
}
