import type { Actor } from '../auth/actor.js';
import { clocksOf } from '../catalog/clocks.js';
import { badInput, limitExceeded } from '../errors.js';
import type { Coverage, CoverageQuestion } from './coverage.js';
import type { CoverageRepository } from './coverage.repository.js';

const MAX_NAMESPACES = 50;
const MAX_DAYS = 3_650;

/** How much of what happened the lineage knows, and who has gone silent. */
export class CoverageService {
  constructor(
    private readonly rows: CoverageRepository,
    private readonly now: () => Date,
  ) {}

  /** Over what the actor may see. Throws BAD_USER_INPUT or LIMIT_EXCEEDED. */
  async measure(actor: Actor, question: CoverageQuestion): Promise<Coverage> {
    const { namespaces, since, staleAfterDays } = question;
    const now = this.now();
    if (namespaces?.length === 0) throw badInput('Name at least one namespace, or leave `namespaces` out for all.');
    if (namespaces && namespaces.length > MAX_NAMESPACES)
      throw limitExceeded(`${namespaces.length} namespaces at once; at most ${MAX_NAMESPACES} are possible.`);
    if (since && since > now) throw badInput(`\`since\` is ${since.toISOString()}, which is in the future.`);
    if (staleAfterDays < 1 || staleAfterDays > MAX_DAYS)
      throw badInput(`\`staleAfterDays\` is ${staleAfterDays}; it must be from 1 to ${MAX_DAYS}.`);
    return this.rows.measure(actor, question, clocksOf(actor, {}, now));
  }
}
