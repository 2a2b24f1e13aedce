import { type Actor, actorId } from '../../auth/actor.js';
import { conflict, ErrorCode, WeftlineError } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { mapInTurns } from '../../turn.js';
import type { Asset } from '../model/asset.js';
import type { NamespaceGate } from '../namespaces/namespace-gate.policy.js';
import { type AssetWanted, type Draft, draftOf } from './registration.draft.js';
import { type RegistrationRepository, UrnTakenMeanwhile } from './registration.repository.js';
import { urnTaken } from '../model/urn.js';
import { nameKeys } from '../twins/name-keys.js';
import { nearTwin, type NearTwinPolicy } from '../twins/near-twins.policy.js';

/**
 * So many go into one transaction where each stands for itself: the lock of a namespace is held for a moment only. Two such
 * transactions are under way, one that is put together or taken apart here while the database writes the other.
 */
const AT_ONCE = 250;
/** Each time, somebody else has just registered one of the same urns. */
const ATTEMPTS = 5;

/** What became of one of a batch: the asset that is there now, or why it is not. */
export type Outcome = { urn: string | null; asset: Asset } | { urn: string | null; error: WeftlineError };

/** New assets come into the catalog here, one or many. */
export class RegistrationService {
  constructor(
    private readonly graph: Graph,
    private readonly rows: RegistrationRepository,
    private readonly gate: NamespaceGate,
    private readonly twins: NearTwinPolicy,
    private readonly now: () => Date,
  ) {}

  /**
   * Registers an asset. Throws BAD_USER_INPUT, FORBIDDEN where the actor may not register, or CONFLICT when the name is
   * taken: that is looked at only for who may.
   */
  async register(actor: Actor, wanted: AssetWanted): Promise<Asset> {
    const draft = draftOf(actorId(actor), wanted, this.now());
    try {
      const [outcome] = await this.graph.write(actor.origin, (tx) => this.enter(tx, actor, [draft]));
      if (!outcome) throw new Error('An asset was registered, and nothing is known of it.');
      if ('error' in outcome) throw outcome.error;
      return outcome.asset;
    } catch (error) {
      throw error instanceof UrnTakenMeanwhile ? urnTaken(draft.asset.urn) : error;
    }
  }

  /**
   * Registers many; what became of each, in their order. `allOrNothing`: in one transaction, of which nothing is kept when one of
   * them cannot be; else each stands for itself, and those that the database could not answer say so. `wanted`: each may throw
   * what is wrong with it. Throws UNAVAILABLE with `allOrNothing`.
   */
  async registerAll(actor: Actor, wanted: readonly (() => AssetWanted)[], allOrNothing: boolean): Promise<Outcome[]> {
    const me = actorId(actor);
    const now = this.now();
    const drafts = await mapInTurns(wanted, (each) => attempted(() => draftOf(me, each(), now)));
    refuseTwins(drafts);
    if (drafts.some((draft) => !isRefused(draft) && draft.strict)) refuseNearTwins(drafts);
    return allOrNothing ? this.together(actor, drafts) : this.each(actor, drafts);
  }

  private async each(actor: Actor, wanted: readonly Attempted<Draft>[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = wanted.map((draft) => ({ urn: null, error: draft as WeftlineError }));
    const open = wanted.flatMap((draft, place) => (isRefused(draft) ? [] : [{ draft, place }]));
    const next = async (): Promise<void> => {
      for (let some = open.splice(0, AT_ONCE); some.length > 0; some = open.splice(0, AT_ONCE)) {
        const drafts = some.map(({ draft }) => draft);
        const entered = await this.keep(actor, drafts).catch((error: unknown) => failedAlike(drafts, error));
        some.forEach(({ place }, index) => (outcomes[place] = entered[index] ?? never()));
      }
    };
    await Promise.all([next(), next()]);
    return outcomes;
  }

  private async together(actor: Actor, drafts: readonly Attempted<Draft>[]): Promise<Outcome[]> {
    const whole = drafts.filter((draft): draft is Draft => !isRefused(draft));
    let entered: Outcome[];
    try {
      // Also those of a batch that cannot be kept are tried, so that all that is wrong with it is told at once.
      entered = await this.keep(actor, whole, (outcomes) => {
        if (whole.length < drafts.length || outcomes.some((each) => 'error' in each)) throw new Withdrawn(outcomes);
      });
    } catch (error) {
      if (!(error instanceof Withdrawn)) throw error;
      entered = error.outcomes;
    }
    const rest = [...entered];
    const all = drafts.map((draft) => (isRefused(draft) ? { urn: null, error: draft } : (rest.shift() ?? never())));
    const failures = all.filter((each) => 'error' in each).length;
    return failures === 0
      ? all
      : all.map((each) => ('error' in each ? each : { urn: each.urn, error: withdrawn(failures) }));
  }

  /** In one transaction; again when somebody else registered one of them meanwhile, for then it is known which. */
  private async keep(
    actor: Actor,
    drafts: readonly Draft[],
    check: (outcomes: Outcome[]) => void = () => undefined,
  ): Promise<Outcome[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.graph.write(actor.origin, async (tx) => {
          const outcomes = await this.enter(tx, actor, drafts);
          check(outcomes);
          return outcomes;
        });
      } catch (error) {
        const again = error instanceof UrnTakenMeanwhile || isDenied(error);
        if (!again || attempt === ATTEMPTS) throw error instanceof UrnTakenMeanwhile ? contested() : error;
      }
    }
  }

  /** The namespaces in which the actor may not register, each with the refusal in its words. */
  async refusals(
    tx: WriteTransaction,
    actor: Actor,
    namespaces: readonly string[],
  ): Promise<Map<string, WeftlineError>> {
    const refused = new Map<string, WeftlineError>();
    if (namespaces.length === 0) return refused;
    for (const [name, terms] of await this.rows.terms(tx, actor, [...new Set(namespaces)].sort())) {
      const answer = attempted(() => this.gate.confirm(actor, name, terms));
      if (isRefused(answer)) refused.set(name, answer);
    }
    return refused;
  }

  /**
   * Registers, within a transaction of the caller's, where the actor may; what became of each draft. Throws FORBIDDEN when a namespace was
   * closed to them while they came in, and `UrnTakenMeanwhile`.
   */
  async enter(tx: WriteTransaction, actor: Actor, drafts: readonly Draft[]): Promise<Outcome[]> {
    const names = drafts.map(({ asset }) => asset.namespace);
    const refused = await this.refusals(tx, actor, names);
    const welcome = drafts.filter(({ asset }) => !refused.has(asset.namespace));
    const strict = welcome.filter((draft) => draft.strict).map(({ asset }) => asset);
    const alike = await this.twins.refusals(tx, actor, strict);
    const admitted = welcome.filter(({ asset }) => !alike.has(asset.urn));
    const written = new Map<Draft, Outcome>();
    if (admitted.length > 0) {
      const registered = await this.rows.register(tx, actor, admitted);
      for (const [index, draft] of admitted.entries()) {
        const each = registered[index] ?? never();
        if ('asset' in each) this.gate.confirm(actor, draft.asset.namespace, each.terms);
        written.set(draft, {
          urn: draft.asset.urn,
          ...('asset' in each ? { asset: each.asset } : { error: each.error }),
        });
      }
    }
    return drafts.map(
      (draft) =>
        written.get(draft) ?? {
          urn: draft.asset.urn,
          error: refused.get(draft.asset.namespace) ?? alike.get(draft.asset.urn) ?? never(),
        },
    );
  }
}

type Attempted<T> = T | WeftlineError;

const isRefused = (outcome: unknown): outcome is WeftlineError => outcome instanceof WeftlineError;
const isDenied = (error: unknown): boolean => isRefused(error) && error.code === ErrorCode.FORBIDDEN;

/** What was asked for, or the error that refuses it. */
function attempted<T>(work: () => T): Attempted<T> {
  try {
    return work();
  } catch (error) {
    if (isRefused(error)) return error;
    throw error;
  }
}

/** What was kept before stays: whoever sent the batch has to know which that is. Throws what is a fault of ours. */
function failedAlike(drafts: readonly Draft[], error: unknown): Outcome[] {
  if (!isRefused(error)) throw error;
  return drafts.map(({ asset }) => ({ urn: asset.urn, error }));
}

/** Within a batch the first of two with one urn counts. */
function refuseTwins(drafts: Attempted<Draft>[]): void {
  const seen = new Map<string, number>();
  drafts.forEach((draft, place) => {
    if (isRefused(draft)) return;
    const { urn } = draft.asset;
    const before = seen.get(urn);
    if (before === undefined) seen.set(urn, place);
    else drafts[place] = conflict(`${urn} is in this batch twice: at ${before} and at ${place}. Leave one out.`);
  });
}

/** Within a batch the first of two that are alike counts, where the second is to be strict. */
function refuseNearTwins(drafts: Attempted<Draft>[]): void {
  const seen = new Map<string, string>();
  drafts.forEach((draft, place) => {
    if (isRefused(draft)) return;
    const { urn } = draft.asset;
    const { foldedKey, skeletonKey } = nameKeys(draft.asset);
    const keys = [foldedKey, skeletonKey];
    const twin = keys.map((key) => seen.get(key)).find((each) => each !== undefined && each !== urn);
    if (draft.strict && twin !== undefined) drafts[place] = nearTwin(urn, twin);
    else for (const key of keys) if (!seen.has(key)) seen.set(key, urn);
  });
}

/** A batch of which nothing is to be kept. */
class Withdrawn extends Error {
  constructor(readonly outcomes: Outcome[]) {
    super('Nothing of this batch is kept.');
  }
}

const withdrawn = (failures: number): WeftlineError =>
  conflict(
    `Not registered, as \`allOrNothing\` was asked for and ${failures} of the batch cannot be: see their errors, mend or leave them out, and send it again.`,
  );

const contested = (): WeftlineError =>
  conflict('Others keep registering the same names at this moment. Send the batch again.');

function never(): never {
  throw new Error('A registration was not answered.');
}
