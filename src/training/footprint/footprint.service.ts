import type { Actor } from '../../auth/actor.js';
import { badInput, notFound } from '../../errors.js';
import { carbonOf } from '../jobs/energy.js';
import type { Footprint, FootprintAsked } from './footprint.js';
import type { FootprintRepository } from './footprint.repository.js';

const FIRST = new Date(0);
const LAST = new Date('9999-12-31T23:59:59Z');

/** What it took to make something. */
export class FootprintService {
  constructor(
    private readonly footprints: FootprintRepository,
    /** Grams of CO2 equivalents a kWh; null: not configured. */
    private readonly gridIntensity: number | null,
  ) {}

  /** Throws BAD_USER_INPUT, or NOT_FOUND for what is not there for the actor. */
  async of(
    actor: Actor,
    asked: { of?: string | null; team?: string | null; from?: Date | null; to?: Date | null },
  ): Promise<Footprint & { carbonGrams: number | null }> {
    const [from, to] = [asked.from ?? FIRST, asked.to ?? LAST];
    if (from >= to) throw badInput('`from` must lie before `to`.');
    const subject = subjectOf(asked);
    const footprint = await this.footprints.of(actor, { subject, from, to });
    if (!footprint) {
      const named = 'team' in subject ? `team ${subject.team}` : `version, data set or model ${subject.ref}`;
      throw notFound(`There is no ${named}, or you may not know of it.`);
    }
    return { ...footprint, carbonGrams: carbonOf(footprint.energyJoules, this.gridIntensity) };
  }
}

function subjectOf({ of, team }: { of?: string | null; team?: string | null }): FootprintAsked['subject'] {
  if (of != null && team == null) return { ref: of };
  if (team != null && of == null) return { team };
  throw badInput('Give either `of`, a version, data set or model, or `team`.');
}
