import { INPUT_STATES, type InputState } from '../../disk/content/input-states.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';

/** Whether a run read what the version was published with, as it was found out right before. */
export interface InputCheck {
  state: InputState;
  /** For people; null for what is verified. */
  note: string | null;
  /** What was found instead; null where it is what was published, or not known. */
  digest: string | null;
  bytes: bigint | null;
  /** null: nobody looked. */
  at: Date | null;
}

/** What is found of the inputs of a run, by the id of the version. */
export interface FoundInput {
  id: string;
  state: InputState;
  note: string | null;
  digest: string | null;
  bytes: string | null;
  at: Date;
}

const NOT_LOOKED: InputCheck = {
  state: 'NOT_VERIFIED',
  note: 'Nobody looked at it before the run: it was reported from outside, has not begun, or is older than such checks.',
  ...{ digest: null, bytes: null, at: null },
};

/** The properties of USED_BY that keep it, by the id of the version. */
export function storedChecks(found: readonly FoundInput[]): Parameters {
  const stored = found.map(({ id, state, note, digest, bytes, at }) => [
    id,
    {
      checkState: state,
      checkNote: note,
      checkDigest: digest,
      checkBytes: bytes === null ? null : BigInt(bytes),
      checkedAt: at,
    },
  ]);
  return Object.fromEntries(stored) as Parameters;
}

/** From the properties of USED_BY; what was found later than `then` is not known yet. */
export function decodeCheck(used: Row, then: Date | null | undefined): InputCheck {
  const [at, word] = [used.maybeTime('checkedAt'), used.maybeText('checkState')];
  const state = INPUT_STATES.find((each) => each === word);
  if (!state || at === null || (then && at > then)) return NOT_LOOKED;
  const [note, digest] = [used.maybeText('checkNote'), used.maybeText('checkDigest')];
  return { state, note, digest, bytes: used.maybeBigInt('checkBytes'), at };
}

const WORST_FIRST: readonly InputState[] = ['CHANGED', 'MISSING', 'NOT_VERIFIED', 'VERIFIED'];

/** What is to be told of a version that several runs read: it is verified where all of them found it so. */
export function worstOf(checks: readonly InputCheck[], hidden: number): InputCheck {
  const worst = checks.toSorted((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state))[0];
  if (worst && (worst.state !== 'VERIFIED' || hidden === 0)) return worst;
  return hidden === 0 ? NOT_LOOKED : { ...NOT_LOOKED, note: `${hidden} of the runs that read it you may not see.` };
}
