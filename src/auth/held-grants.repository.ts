import type { Statements } from '../neo4j/statements.js';
import { LateParameter } from '../neo4j/late-parameter.js';
import type { Row } from '../neo4j/row.js';
import type { ChangesOfRights, ReadMark } from './changes-of-rights.js';
import { GRANTS_HELD } from './rights.cypher.js';

/** Assets, and when the last of the grants on each ends. */
export type GrantedUntil = Readonly<Record<string, Date>>;

/**
 * The grants that a caller and their teams hold, as `$viewer.granted`. Each statement compares the ends with its own `$now`;
 * what was read a second ago, or before a change that was made here, is read again as the statement is sent. So it is right
 * for as long as a request takes, or a stream is open.
 */
export class HeldGrants extends LateParameter {
  private kept: { granted: GrantedUntil; mark: ReadMark } | null;

  /** `first`: what signing in has read, and when. */
  constructor(
    private readonly ids: readonly string[],
    private readonly sources: { changes: ChangesOfRights; now: () => Date },
    first: { granted: GrantedUntil; mark: ReadMark } | null = null,
  ) {
    super();
    this.kept = first;
  }

  override async value(statements: Statements, keeps: boolean): Promise<GrantedUntil> {
    const { changes, now } = this.sources;
    if (this.kept && changes.holds(this.kept.mark)) return this.kept.granted;
    const mark = changes.mark();
    const rows = await statements.run(GRANTS_HELD, { ids: this.ids, now: now() });
    const granted = decodeGranted(rows[0]?.rows('grants') ?? []);
    // Of what a transaction has written nobody else may know, and it may be given up.
    if (keeps) this.kept = { granted, mark };
    return granted;
  }
}

export function decodeGranted(grants: readonly Row[]): GrantedUntil {
  const granted: Record<string, Date> = {};
  for (const grant of grants) {
    const [assetId, until] = [grant.text('assetId'), grant.time('until')];
    const before = granted[assetId];
    if (!before || before < until) granted[assetId] = until;
  }
  return granted;
}
