import { type Actor, actorId } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { badInput, conflict, notFound } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import { ConstraintViolation } from '../../neo4j/driver-errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { awaitDecisions, NO_SET, NOTHING_ACTIVE, policyState, type PolicyState } from '../gate/gate.js';
import { type PolicyFileChange, type StoredPolicySet, changesBetween } from './policy-set.js';
import type { ActivatePolicySetInput, DeactivatePoliciesInput, UploadPolicySetInput } from './policy-set.input.js';
import type { PolicySetRepository } from './policy-set.repository.js';
import type { ActivationState } from './policy-set.type.js';
import { faultsOf, readUpload, setDigestOf, type SetText } from './set-text.js';

/** A set, and whether it is active now, or that waits for the word of a second ADMIN. */
export interface Activation {
  policySet: StoredPolicySet;
  state: ActivationState;
}

/** Sets of policies: brought in, compared, activated. What was brought in stays as it is; another text is another set. */
export class PolicySetService {
  constructor(
    private readonly graph: Graph,
    private readonly sets: PolicySetRepository,
    private readonly options: {
      /** Activating takes the words of two. */ needsSecond: boolean;
      now: () => Date;
    },
  ) {}

  list(actor: Actor, page: Page): Promise<PageRows<StoredPolicySet>> {
    return this.sets.list(actor, page);
  }

  count(actor: Actor): Promise<number> {
    return this.sets.count(actor);
  }

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, StoredPolicySet>> {
    return this.sets.byIds(actor, ids);
  }

  /** Which set is active at this moment. */
  state(actor: Actor): Promise<PolicyState> {
    return policyState(this.graph.reader(actor.origin));
  }

  /** What would change if the set were activated now. */
  async changes(actor: Actor, set: StoredPolicySet): Promise<PolicyFileChange[]> {
    const { activeId } = await this.state(actor);
    const reader = this.graph.reader(actor.origin);
    return changesBetween(activeId === null ? null : await this.sets.byId(reader, activeId), set);
  }

  /** Brings a set in; one of the same text is there already, and is answered. Throws BAD_USER_INPUT or LIMIT_EXCEEDED. */
  upload(actor: Actor, input: UploadPolicySetInput): Promise<StoredPolicySet> {
    return this.keep(actor, readUpload(input), 'UPLOAD', input.reason ?? null);
  }

  /** The same of a text from elsewhere. */
  async keep(
    actor: Actor,
    text: SetText,
    source: StoredPolicySet['source'],
    reason: string | null,
  ): Promise<StoredPolicySet> {
    const digest = setDigestOf(text);
    const faults = await faultsOf(text);
    const add = async (tx: WriteTransaction): Promise<StoredPolicySet> => {
      const known = await this.sets.byDigest(tx, digest);
      if (known) return known;
      const at = this.options.now();
      const set: StoredPolicySet = {
        ...{ __typename: 'PolicySet', id: newId(), digest, ...text, source, faults },
        ...{ uploadedById: actorId(actor), uploadedAt: at },
      };
      await this.sets.create(tx, set);
      const after = { digest, source, files: Object.keys(text.policies).length, faults: faults.length };
      await recordAudit(tx, actor, {
        action: 'policies:upload',
        ...{ targetId: set.id, targetName: nameOf(set), after, reason, at },
      });
      return set;
    };
    try {
      return await this.graph.write(actor.origin, add);
    } catch (error) {
      // Of two who bring in the same at once the constraint let one through; this is the other.
      if (!(error instanceof ConstraintViolation)) throw error;
      return await this.graph.write(actor.origin, add);
    }
  }

  /**
   * Makes a set the active one, or, where two are needed, gives the word of one. Throws NOT_FOUND, BAD_USER_INPUT for a faulty set, or
   * CONFLICT when another set is active than the caller believes.
   */
  activate(actor: Actor, input: ActivatePolicySetInput): Promise<Activation> {
    const expected = input.expectedActive ?? null;
    return this.graph.write(actor.origin, async (tx) => {
      await awaitDecisions(tx, this.options.now());
      const state = await policyState(tx);
      const set = await this.sets.byId(tx, input.policySet);
      if (!set) throw notFound(`There is no set of policies ${input.policySet.slice(0, 120)}.`);
      if (state.activeId === set.id) return { policySet: set, state: 'ACTIVE' };
      if (state.activeId !== expected) throw await this.activeIsAnother(tx, state, expected);
      refuseFaulty(set);
      const first = state.proposedId === set.id ? state.proposedById : null;
      if (this.options.needsSecond && (first === null || first === actorId(actor)))
        return this.propose(tx, actor, set, { isRepeated: first !== null, isOff: false, reason: input.reason ?? null });
      await this.makeActive(tx, actor, set, state, input.reason ?? null);
      return { policySet: set, state: 'ACTIVE' };
    });
  }

  /**
   * Ends the enforcement: no set is active any more, or, where two are needed, this is the word of one. Asked for again when it is so already,
   * nothing changes. Throws NOT_FOUND, BAD_USER_INPUT without a reason, or CONFLICT when another set is active than the caller believes.
   */
  deactivate(actor: Actor, { expectedActive, reason: given }: DeactivatePoliciesInput): Promise<Activation> {
    const reason = given.trim();
    if (reason === '')
      throw badInput('`reason` is empty: say why nothing is to be enforced, for those who read it later.');
    return this.graph.write(actor.origin, async (tx) => {
      await awaitDecisions(tx, this.options.now());
      const state = await policyState(tx);
      const set = await this.sets.byId(tx, expectedActive);
      if (!set) throw notFound(`There is no set of policies ${expectedActive.slice(0, 120)}.`);
      if (state.activeId === null) return { policySet: set, state: 'INACTIVE' };
      if (state.activeId !== set.id) throw await this.activeIsAnother(tx, state, set.id);
      const first = state.proposedId === NO_SET ? state.proposedById : null;
      if (this.options.needsSecond && (first === null || first === actorId(actor)))
        return this.propose(tx, actor, set, { isRepeated: first !== null, isOff: true, reason });
      await this.sets.changeState(tx, NOTHING_ACTIVE);
      const agreed = this.options.needsSecond ? { proposedBy: first } : {};
      await this.account(tx, actor, 'policies:deactivate', set, {
        before: { digest: set.digest },
        after: agreed,
        reason,
      });
      return { policySet: set, state: 'INACTIVE' };
    });
  }

  /** The set of a folder, at the start: active from now on, unless it takes the words of two. */
  async adopt(actor: Actor, set: StoredPolicySet): Promise<void> {
    await this.graph.write(actor.origin, async (tx) => {
      await awaitDecisions(tx, this.options.now());
      const state = await policyState(tx);
      if (state.activeId === set.id || (this.options.needsSecond && state.activeId !== null)) return;
      await this.makeActive(tx, actor, set, state, 'The folder of policies, at the start of the server.');
    });
  }

  /** The first word of two: that a set is active, or that none is any more. */
  private async propose(
    tx: WriteTransaction,
    actor: Actor,
    set: StoredPolicySet,
    { isRepeated, isOff, reason }: { isRepeated: boolean; isOff: boolean; reason: string | null },
  ): Promise<Activation> {
    if (!isRepeated) {
      await this.sets.changeState(tx, { proposedId: isOff ? NO_SET : set.id, proposedById: actorId(actor) });
      const action = isOff ? 'policies:proposeDeactivation' : 'policies:propose';
      await this.account(tx, actor, action, set, { before: null, after: { digest: set.digest }, reason });
    }
    return { policySet: set, state: 'AWAITS_SECOND_ADMIN' };
  }

  private async makeActive(
    tx: WriteTransaction,
    actor: Actor,
    set: StoredPolicySet,
    state: PolicyState,
    reason: string | null,
  ): Promise<void> {
    const activatedAt = this.options.now();
    await this.sets.changeState(tx, {
      ...{ activeId: set.id, activeDigest: set.digest, activatedAt, activatedById: actorId(actor) },
      ...{ proposedId: null, proposedById: null },
    });
    const agreed = this.options.needsSecond && state.proposedId === set.id ? { proposedBy: state.proposedById } : {};
    const before = state.activeId === null ? null : { digest: state.activeDigest };
    await this.account(tx, actor, 'policies:activate', set, {
      before,
      after: { digest: set.digest, ...agreed },
      reason,
    });
  }

  private account(
    tx: WriteTransaction,
    actor: Actor,
    action: string,
    set: StoredPolicySet,
    fact: { before: Record<string, unknown> | null; after: Record<string, unknown>; reason: string | null },
  ): Promise<void> {
    const at = this.options.now();
    return recordAudit(tx, actor, { action, targetId: set.id, targetName: nameOf(set), ...fact, at });
  }

  private async activeIsAnother(tx: WriteTransaction, state: PolicyState, expected: string | null): Promise<Error> {
    const active = state.activeId === null ? null : await this.sets.byId(tx, state.activeId);
    const is = active ? `${nameOf(active)} (${active.id}) is` : 'No set of policies is';
    const since = state.activatedAt ? ` since ${state.activatedAt.toISOString()}` : '';
    return conflict(
      `${is} active${since}, and you expected ${expected ?? 'none'}. Look at what changed (policySet { changes }), then ask again with that as \`expectedActive\`.`,
    );
  }
}

const nameOf = ({ digest }: Pick<StoredPolicySet, 'digest'>): string => `policies ${digest.slice(0, 19)}`;

function refuseFaulty({ id, faults }: StoredPolicySet): void {
  const [first] = faults;
  if (!first) return;
  const at = first.line === null ? '' : `:${first.line}${first.column === null ? '' : `:${first.column}`}`;
  throw badInput(
    `The set ${id} has ${faults.length} fault(s), and is never active: ${first.file}${at}: ${first.message} Mend the files and upload them anew; the set before stays active.`,
  );
}
