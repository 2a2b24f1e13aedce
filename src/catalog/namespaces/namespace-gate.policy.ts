import type { Actor } from '../../auth/actor.js';
import { forbidden } from '../../errors.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import { mayRegister, type NewNamespaces, type RegistrationTerms } from '../model/namespace.js';
import type { NamespaceRepository } from './namespace.repository.js';

/**
 * Who may bring a name into a namespace: register there, or rename something onto a name there. It is asked before anything of
 * the namespace is looked at, and a refusal has the same words and costs the same work whatever is there: a name that is taken
 * by what one may see or may not see, a free one, a namespace that nobody has used.
 */
export class NamespaceGate {
  constructor(
    private readonly namespaces: NamespaceRepository,
    private readonly newNamespaces: NewNamespaces,
  ) {}

  /** Throws FORBIDDEN before anything was written or locked. What is answered may change until the name is in: see `confirm`. */
  async admit(tx: WriteTransaction, actor: Actor, namespace: string): Promise<void> {
    this.confirm(actor, namespace, await this.namespaces.terms(tx, actor, namespace));
  }

  /**
   * Judges again by the terms that were read under the lock of the namespace, as the last step of the transaction: once who
   * closes a namespace has their answer, nothing that began before comes in after. Throws FORBIDDEN.
   */
  confirm(actor: Actor, namespace: string, terms: RegistrationTerms): void {
    if (mayRegister(actor, terms, this.newNamespaces)) return;
    throw forbidden(
      `You may not register names in the namespace ${excerpt(namespace)}. Its owners, or an administrator, can admit you with setNamespaceRegistration.`,
    );
  }
}

function excerpt(name: string): string {
  const characters = [...name];
  return JSON.stringify(characters.length > 120 ? `${characters.slice(0, 120).join('')}…` : name);
}
