import type { Actor } from '../../auth/actor.js';
import type { Connection } from '../../graphql/connection.type.js';
import { type Page, type PageArguments, pageOf } from '../../graphql/page.js';
import type { ListCursors, SealedCursors } from '../../graphql/sealed-cursor.js';
import { foldCase } from '../accounts/fold-case.js';
import type { Principal } from '../accounts/principal.js';
import type { PrincipalService } from '../accounts/principal.service.js';

const LIST = 'principals';

export interface PrincipalsAsked {
  nameContains?: string | null | undefined;
  includeRetired: boolean;
}

/** A page of the list, each row with its cursor. */
export interface PrincipalPage {
  edges: Connection<Principal>['edges'];
  page: Page;
  more: boolean;
  count: () => Promise<number>;
}

/** Who there is, in the order of names. */
export class DirectoryService {
  constructor(
    private readonly principals: PrincipalService,
    private readonly cursors: SealedCursors,
  ) {}

  /** Throws BAD_USER_INPUT for a page of a wrong size, and for a cursor of another list or of another question. */
  async list(actor: Actor, asked: PrincipalsAsked, args: PageArguments): Promise<PrincipalPage> {
    const nameContains = asked.nameContains == null ? null : foldCase(asked.nameContains.trim());
    const wanted = { nameContains, retired: asked.includeRetired };
    const cursors = this.cursors.of(LIST, [nameContains, asked.includeRetired]);
    const page = {
      ...pageOf(LIST, { first: args.first, last: args.last }),
      after: placeOf(cursors, args.after),
      before: placeOf(cursors, args.before),
    };
    const { rows, more } = await this.principals.list(actor, wanted, page);
    const edges = rows.map(({ principal, place }) => ({ cursor: cursors.seal([place]), node: principal }));
    return { edges, page, more, count: () => this.principals.count(actor, wanted) };
  }
}

function placeOf(cursors: ListCursors, cursor: string | null | undefined): string | null {
  if (cursor == null) return null;
  const [place] = cursors.open(cursor);
  if (typeof place !== 'string') throw new TypeError('A cursor of principals holds no place.');
  return place;
}
