import type { Actor } from '../auth/actor.js';
import { catalogTime, clocksOf, type ClocksAsked } from '../catalog/clocks.js';
import { badInput, notFound } from '../errors.js';
import { MAX_PAGE } from '../graphql/page.js';
import type { Contamination } from './contamination.js';
import type { ContaminationRepository } from './contamination.repository.js';

/** Whether what something is evaluated with had a part in its training. */
export class ContaminationService {
  constructor(
    private readonly rows: ContaminationRepository,
    private readonly now: () => Date,
  ) {}

  /** What a trained version and an evaluation have in common. Throws NOT_FOUND or BAD_USER_INPUT. */
  async between(
    actor: Actor,
    question: { train: string; evaluation: string; first: number } & ClocksAsked,
  ): Promise<Contamination> {
    const { train, evaluation, first } = question;
    if (first < 1 || first > MAX_PAGE) throw badInput(`\`first\` is ${first}; it must be from 1 to ${MAX_PAGE}.`);
    const now = this.now();
    const clocks = { ...clocksOf(actor, question, now), then: catalogTime(actor, question, now) };
    const found = await this.rows.between(actor, { train, evaluation, first, ...clocks });
    if (!found) throw notFound(`There is no version ${train} or no version ${evaluation}, or you may not know of it.`);
    if (!found.ofData)
      throw badInput(`\`evaluation\` ${evaluation} is a version of a model; a version of a data set is needed here.`);
    return found.answer;
  }
}
