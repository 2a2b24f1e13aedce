import { type Actor, actorId } from '../../auth/actor.js';
import { badInput, conflict, notFound } from '../../errors.js';
import { idAt } from '../../ids.js';
import type { Graph } from '../../neo4j/graph.js';
import type { User } from '../../principals/accounts/principal.js';
import { type ErasedPerson, names, withoutPerson } from './erasure.js';
import type { ErasureRepository } from './erasure.repository.js';
import { recordAudit } from '../record/record.js';
import type { Sequencer } from '../sealing/sequencer.worker.js';

/** What was under way when the person was disabled is looked for once more. */
const UNDER_WAY_MS = 60_000;

export interface Erasure {
  user: User;
  /** Entries of the log that held something about them. */
  entries: number;
}

/**
 * Forgets a person: what the log keeps of them beside its entries goes, and the entries keep salted hashes that nobody
 * can resolve, so the tree stays as it is. The name goes last, so an erasure that broke off can be asked for again.
 */
export class ErasureService {
  constructor(
    private readonly graph: Graph,
    private readonly erasures: ErasureRepository,
    private readonly sequencer: Pick<Sequencer, 'sealAll'>,
    private readonly now: () => Date,
  ) {}

  /** Throws NOT_FOUND for no such user, BAD_USER_INPUT for oneself and a reason that names them, CONFLICT for the last ADMIN. */
  async erase(actor: Actor, input: { user: string; reason?: string | null }): Promise<Erasure> {
    if (input.user === actorId(actor)) {
      throw badInput('You cannot erase yourself. Another ADMIN can.');
    }
    const person = await this.begin(actor, input);
    // Entries of before the log was sealed have their texts elsewhere until they are sealed.
    await this.sequencer.sealAll();
    const began = this.now();
    const entries =
      (await this.pass(actor, person, '')) +
      (await this.pass(actor, person, idAt(new Date(began.getTime() - UNDER_WAY_MS))));
    const handle = `erased-${person.id}`;
    const user = await this.graph.write(actor.origin, async (tx) => {
      const now = this.now();
      const forgotten = await this.erasures.forget(tx, { id: person.id, name: 'Erased person', handle, now });
      await recordAudit(tx, actor, {
        action: 'person:erase',
        targetId: person.id,
        targetName: handle,
        after: { entries },
        reason: input.reason ?? null,
        at: now,
      });
      return forgotten;
    });
    return { user, entries };
  }

  private begin(actor: Actor, input: { user: string; reason?: string | null }): Promise<ErasedPerson> {
    return this.graph.write(actor.origin, async (tx) => {
      const begun = await this.erasures.begin(tx, input.user, this.now());
      if (!begun) throw notFound(`There is no user ${input.user}.`);
      if (begun.isLastAdmin) {
        throw conflict('This is the last ADMIN. Give the role to somebody else first, then erase them.');
      }
      if (names(begun, input.reason ?? '')) {
        throw badInput(
          'The reason names the person, and it would be kept. Give a reason without name, handle or mail.',
        );
      }
      return { id: input.user, words: begun.words };
    });
  }

  /** Looks through the log from an id on; how many entries held something about the person. */
  private async pass(actor: Actor, person: ErasedPerson, from: string): Promise<number> {
    let changed = 0;
    for (let after = from; ;) {
      const stretch = await this.erasures.readAbout(actor.origin, person, after);
      if (stretch === null) return changed;
      const changes = stretch.found
        .map((entry) => ({ before: entry.detached, id: entry.id, detached: withoutPerson(entry, person) }))
        .filter(({ before, detached }) => Object.keys(detached).length < Object.keys(before).length);
      if (changes.length > 0) await this.erasures.setDetached(actor.origin, changes);
      changed += changes.length;
      after = stretch.through;
    }
  }
}
