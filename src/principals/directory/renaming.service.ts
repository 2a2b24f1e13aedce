import type { Actor } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { badInput, conflict, notFound } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { foldCase } from '../accounts/fold-case.js';
import type { Principal, ServiceAccount, Team, User } from '../accounts/principal.js';
import { handleTaken, serviceAccountTaken, teamTaken } from '../accounts/principal.repository.js';
import { checkedHandle, checkedName } from '../accounts/principal.service.js';
import { ADMIN_HANDLE } from '../tokens/token.service.js';
import type { DirectoryRepository, NameChange } from './directory.repository.js';

export interface RenameUser {
  user: string;
  name?: string | null;
  handle?: string | null;
  reason?: string | null;
}

/** One that is told apart by its name. */
export interface RenameNamed {
  id: string;
  name: string;
  reason?: string | null;
}

type Named = ServiceAccount | Team;

/**
 * What users, service accounts and teams are called. Ids stay, so tokens, ownership, grants and the log go on; what was called so
 * before is kept for who reads as of then. Who signs in through an identity provider is called what its next token says.
 */
export class RenamingService {
  constructor(
    private readonly graph: Graph,
    private readonly names: DirectoryRepository,
    private readonly now: () => Date,
  ) {}

  /** The same as before changes nothing. Throws NOT_FOUND, CONFLICT for a handle that is taken, or BAD_USER_INPUT. */
  renameUser(actor: Actor, input: RenameUser): Promise<User> {
    if (input.name == null && input.handle == null)
      throw badInput('Nothing is to be changed. Give `name` or `handle`.');
    const name = input.name == null ? null : checkedName(input.name);
    const handle = input.handle == null ? null : checkedHandle(input.handle);
    return this.graph.write(actor.origin, async (tx) => {
      const user = await this.lock<User>(tx, input.user, 'User');
      checkAdministrator(user, handle);
      const changes: NameChange = {
        ...(name === null || name === user.name ? {} : { name }),
        ...(handle === null || handle === user.handle ? {} : { handle, nameKey: foldCase(handle) }),
      };
      return this.rename(tx, actor, user, changes, { taken: handleTaken(handle ?? ''), reason: input.reason });
    });
  }

  /** The same name changes nothing. Throws NOT_FOUND, CONFLICT for a name that is taken, or BAD_USER_INPUT. */
  renameServiceAccount(actor: Actor, input: RenameNamed): Promise<ServiceAccount> {
    return this.renameNamed<ServiceAccount>(actor, input, 'ServiceAccount');
  }

  /** The same; CONFLICT too for a team that is retired. */
  renameTeam(actor: Actor, input: RenameNamed): Promise<Team> {
    return this.renameNamed<Team>(actor, input, 'Team');
  }

  private renameNamed<T extends Named>(actor: Actor, input: RenameNamed, kind: T['__typename']): Promise<T> {
    const name = checkedName(input.name);
    return this.graph.write(actor.origin, async (tx) => {
      const named = await this.lock<T>(tx, input.id, kind);
      if (named.__typename === 'Team' && named.retiredAt)
        throw conflict(`The team "${named.name}" is retired. Bring it back with restoreTeam, which can rename it.`);
      const changes: NameChange = name === named.name ? {} : { name, nameKey: foldCase(name) };
      const taken = kind === 'Team' ? teamTaken(name) : serviceAccountTaken(name);
      return this.rename(tx, actor, named, changes, { taken, reason: input.reason });
    });
  }

  /** Throws NOT_FOUND for what is not there or of another kind. */
  private async lock<T extends Principal>(tx: WriteTransaction, id: string, kind: T['__typename']): Promise<T> {
    const principal = (await this.names.lock(tx, id))?.principal;
    if (principal?.__typename !== kind) throw notFound(`There is no ${WORD[kind]} ${id}.`);
    return principal as T;
  }

  private async rename<T extends Principal>(
    tx: WriteTransaction,
    actor: Actor,
    principal: T,
    changes: NameChange,
    { taken, reason }: { taken: string; reason: string | null | undefined },
  ): Promise<T> {
    if (Object.keys(changes).length === 0) return principal;
    const renamed = (await this.names.rename(tx, principal.id, changes, taken)) as T;
    const isUser = principal.__typename === 'User';
    await recordAudit(tx, actor, {
      action: `${ACTION[principal.__typename]}:rename`,
      targetId: principal.id,
      targetName: isUser ? principal.handle : principal.name,
      before: calledIn(principal),
      after: calledIn(renamed),
      personal: isUser ? ['/targetName', '/before/name', '/before/handle', '/after/name', '/after/handle'] : [],
      reason: reason ?? null,
      at: this.now(),
    });
    return renamed;
  }
}

const WORD = { User: 'user', ServiceAccount: 'service account', Team: 'team' } as const;
const ACTION = { User: 'user', ServiceAccount: 'serviceAccount', Team: 'team' } as const;

const calledIn = (principal: Principal): Record<string, unknown> =>
  principal.__typename === 'User' ? { name: principal.name, handle: principal.handle } : { name: principal.name };

/** The administrator of the first start is found by the handle when all tokens are lost: it stays theirs, and nobody else's. */
function checkAdministrator(user: User, handle: string | null): void {
  if (handle === null || handle === user.handle) return;
  if (user.handle === ADMIN_HANDLE || handle === ADMIN_HANDLE)
    throw badInput(
      `The handle "${ADMIN_HANDLE}" stays with the administrator of the first start, whom "npm run token" finds by it. The name can be changed.`,
    );
}
