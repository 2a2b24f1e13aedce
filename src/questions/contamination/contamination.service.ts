import type { Actor } from '../../auth/actor.js';
import { effectiveCatalogTime, clocksOf, type ClocksAsked } from '../../catalog/model/as-of.js';
import { badInput, notFound } from '../../errors.js';
import { checkPageSize } from '../../graphql/page.js';
import type { ListCursors, SealedCursors } from '../../graphql/sealed-cursor.js';
import { type Contamination, type Finding, type FindingPlace, placeOf } from './contamination.js';
import type { ContaminationRepository } from './contamination.repository.js';

/** An answer whose findings have a cursor each. */
export type FoundContamination = Omit<Contamination, 'findings'> & { findings: (Finding & { cursor: string })[] };

/** Whether what something is evaluated with had a part in its training. */
export class ContaminationService {
  constructor(
    private readonly rows: ContaminationRepository,
    private readonly cursors: SealedCursors,
    private readonly now: () => Date,
  ) {}

  /** What a trained version and an evaluation have in common. Throws NOT_FOUND or BAD_USER_INPUT. */
  async between(
    actor: Actor,
    question: { train: string; evaluation: string; first: number; after: string | null } & ClocksAsked,
  ): Promise<FoundContamination> {
    const { train, evaluation, first } = question;
    const { asOf, knownAt } = question;
    const cursors = this.cursors.of('contamination', [train, evaluation, asOf, knownAt]);
    const after = question.after === null ? null : readPlace(cursors, question.after);
    checkPageSize(first);
    const now = this.now();
    const clocks = { ...clocksOf(actor, question, now), then: effectiveCatalogTime(actor, question, now) };
    const found = await this.rows.between(actor, { train, evaluation, first, after, ...clocks });
    if (!found) throw notFound(`There is no version ${train} or no version ${evaluation}, or you may not know of it.`);
    if (!found.ofData)
      throw badInput(`\`evaluation\` ${evaluation} is a version of a model; a version of a data set is needed here.`);
    const findings = found.answer.findings.map((finding) => ({
      ...finding,
      cursor: cursors.seal(placeOf(finding)),
    }));
    return { ...found.answer, findings };
  }
}

function readPlace(cursors: ListCursors, cursor: string): FindingPlace {
  const [near, far, version, other] = cursors.open(cursor);
  if (typeof near !== 'number' || typeof far !== 'number' || typeof version !== 'string' || typeof other !== 'string')
    throw new TypeError('A cursor of contamination holds no finding.');
  return [near, far, version, other];
}
