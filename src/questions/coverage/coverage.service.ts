import type { Actor } from '../../auth/actor.js';
import { badInput } from '../../errors.js';
import { checkPageSize } from '../../graphql/page.js';
import type { ListCursors, SealedCursors } from '../../graphql/sealed-cursor.js';
import type { ClaimSources, Coverage, CoverageScope, CoverageWants, SourcesQuestion } from './coverage.js';
import type { CoverageRepository } from './coverage.repository.js';
import { checkNamespaces } from '../../lineage/trace/lineage.checks.js';

const MAX_DAYS = 3_650;
const SOURCES = 'lineageCoverage.sources';

/** How much of what happened the lineage knows, and who has gone silent. */
export class CoverageService {
  constructor(
    private readonly rows: CoverageRepository,
    private readonly cursors: SealedCursors,
    private readonly now: () => Date,
  ) {}

  /** Over what the actor may see. Throws BAD_USER_INPUT or LIMIT_EXCEEDED. */
  async measure(actor: Actor, scope: CoverageScope, wants: CoverageWants): Promise<Coverage> {
    const { namespaces, since, staleAfterDays } = scope;
    const now = this.now();
    checkNamespaces(namespaces);
    if (since && since > now)
      throw badInput(
        `\`since\` is ${since.toISOString()}, which is in the future. Give a time that has come, or leave it out to count all runs.`,
      );
    if (staleAfterDays < 1 || staleAfterDays > MAX_DAYS)
      throw badInput(`\`staleAfterDays\` is ${staleAfterDays}; it must be from 1 to ${MAX_DAYS}.`);
    return this.rows.measure(actor, scope, wants);
  }

  /** Who states flows there, the longest silent first. Throws BAD_USER_INPUT. */
  async sources(actor: Actor, scope: CoverageScope, question: SourcesQuestion): Promise<ClaimSources> {
    const { first, staleOnly, after } = question;
    checkPageSize(first);
    const cursors = this.cursors.of(SOURCES, [scope, staleOnly]);
    const page = { first, staleOnly, after: after === null ? null : readSource(cursors, after) };
    const { sources, total, hasNext } = await this.rows.sources(actor, scope, page);
    return {
      edges: sources.map((node) => ({ cursor: cursors.seal([node.lastStatedAt.toISOString(), node.source]), node })),
      totalCount: total,
      hasPrevious: after !== null,
      hasNext,
    };
  }
}

function readSource(cursors: ListCursors, cursor: string): { last: Date; source: string } {
  const [last, source] = cursors.open(cursor);
  if (typeof last !== 'string' || typeof source !== 'string')
    throw new TypeError('A cursor of sources holds no source.');
  return { last: new Date(last), source };
}
