/** What is kept of who may do what is not used when it is older. */
export const KEPT_MS = 1_000;

/** When something was read, and how many changes had been made here by then. */
export interface ReadMark {
  at: number;
  changes: number;
}

/** Where commits are told of: the names of the statements that wrote. */
interface Commits {
  onWritten: (listener: (statements: ReadonlySet<string>) => void) => void;
}

/**
 * Statements that write nothing which signing in reads, by the feature their names begin with: test/contract/sign-in-reads.test.ts
 * holds that. Whatever else is written counts as a change, known here or not.
 */
const UNRELATED = /^(?:audit|auditWalk|catalog|deployment|lineage|quotas|retention|sealing|training)\./;
/** Says when a token was last used, and nobody decides by that. */
const TOUCH = 'principals.touchToken';

/** Whether a statement of this name, if it writes, may change what signing in reads: accounts, teams, tokens, grants. */
export const concernsSignIn = (statement: string): boolean => statement !== TOUCH && !UNRELATED.test(statement);

/**
 * Whether what was read of who may do what still counts: for a second at most, since other servers change it too, and until
 * this process has written any change of it. A mark is taken before the reading begins; so what was read before a commit and
 * arrives after it has a mark from before, and is not used (ADR 46).
 */
export class ChangesOfRights {
  private changes = 0;

  /** `clock`: milliseconds that only go forward. */
  constructor(
    commits: Commits,
    private readonly clock: () => number = () => performance.now(),
  ) {
    commits.onWritten((statements) => {
      if ([...statements].some(concernsSignIn)) this.changes += 1;
    });
  }

  mark(): ReadMark {
    return { at: this.clock(), changes: this.changes };
  }

  /** Whether what was read at the mark still counts. */
  holds({ at, changes }: ReadMark): boolean {
    return changes === this.changes && this.clock() - at < KEPT_MS;
  }
}
