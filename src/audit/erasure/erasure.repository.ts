import type { Graph, QueryOrigin, WriteTransaction } from '../../neo4j/graph.js';
import { type Row, textOf } from '../../neo4j/row.js';
import type { User } from '../../principals/accounts/principal.js';
import { decodeUser } from '../../principals/accounts/principal.decode.js';
import type { EntryAboutSomeone, ErasedPerson } from './erasure.js';
import * as cypher from './erasure.cypher.js';
import { type Detached, readBody, readDetached } from '../record/log-entry.js';

/** Entries looked through at once. */
const STRETCH = 2_000;

export class ErasureRepository {
  constructor(private readonly graph: Graph) {}

  /** Disables the person and ends their tokens; null when there is no such user. */
  async begin(tx: WriteTransaction, id: string, now: Date) {
    const row = await tx.first(cypher.BEGIN_ERASURE, { id, now });
    if (row === null) return null;
    const present = [row.text('name'), row.text('handle'), row.maybeText('email')].filter((word) => word !== null);
    const words = [...new Set([...present, ...row.texts('pastWords')])];
    return { words, isLastAdmin: row.text('role') === 'ADMIN' && !row.flag('otherAdmin') };
  }

  /** What may be about the person in the next stretch of the log, and where that ends; null at the end of the log. */
  async readAbout(origin: QueryOrigin, person: ErasedPerson, after: string) {
    const words = person.words.map((word) => JSON.stringify(word).slice(1, -1).toLowerCase());
    const parameters = { id: person.id, words, after, limit: STRETCH };
    const row = (await this.graph.read(origin, cypher.READ_ABOUT, parameters))[0];
    const through = row?.maybeText('through') ?? null;
    return row && through !== null
      ? {
          through,
          found: row
            .rows('found')
            .map(decodeAbout)
            .filter((each) => each !== null),
        }
      : null;
  }

  async setDetached(origin: QueryOrigin, changes: readonly { id: string; detached: Detached }[]): Promise<void> {
    const rows = changes.map(({ id, detached }) => ({ id, detached: JSON.stringify(detached) }));
    await this.graph.write(origin, (tx) => tx.run(cypher.SET_DETACHED, { changes: rows }));
  }

  /** Takes name, handle and everything of an identity provider from the user, and what they wrote of emergencies. */
  async forget(tx: WriteTransaction, as: { id: string; name: string; handle: string; now: Date }): Promise<User> {
    await tx.run(cypher.FORGET_EMERGENCIES, { id: as.id, erased: 'erased' });
    return decodeUser((await tx.one(cypher.FORGET_PERSON, { ...as })).row('principal'));
  }
}

/** Whose it is says the text, as it says whatever is shown. null: that somebody was erased stays. */
function decodeAbout(row: Row): EntryAboutSomeone | null {
  const body = readBody(textOf(row.raw('body')) ?? '');
  if (body?.action === 'person:erase') return null;
  return {
    id: row.text('id'),
    action: body?.action ?? '',
    actorId: body?.actor ?? null,
    targetId: body?.target ?? '',
    mentions: row.flag('mentions'),
    detached: readDetached(textOf(row.raw('detached'))) ?? {},
  };
}
