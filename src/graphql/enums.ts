import { registerEnumType } from 'type-graphql';
import { ACTIONS } from '../auth/rights.js';
import { ROLES, SCOPES } from '../auth/actor.js';

/** Makes the object type-graphql wants of a list of words, and registers it with a description for each word. */
export function enumOf<T extends string>(
  name: string,
  words: readonly T[],
  description: string,
  about: Record<T, string>,
) {
  const values = Object.fromEntries(words.map((word) => [word, word])) as Record<T, T>;
  const valuesConfig = Object.fromEntries(words.map((word) => [word, { description: about[word] }])) as Record<
    T,
    { description: string }
  >;
  registerEnumType(values, { name, description, valuesConfig });
  return values;
}

export const ActionEnum = enumOf('Action', ACTIONS, 'An action that one may take on an asset.', {
  VIEW: 'See the metadata.',
  EDIT: 'Change the metadata, publish versions, record runs, report lineage.',
  USE_FOR_TRAINING: 'Train on versions of the asset.',
  DEPLOY: 'Release versions of the model on deployments.',
  MANAGE_OWNERS: 'Say who owns the asset, and decide access requests.',
});

export const RoleEnum = enumOf('Role', ROLES, 'The role of a user in this installation.', {
  ADMIN: 'Runs the installation: users, teams, tokens. Sees and mends all metadata, but does not own the data.',
  AUDITOR: 'Reads everything including the audit log, changes nothing.',
  MEMBER: 'Works with what they own, were granted or may discover.',
});

export const ScopeEnum = enumOf('Scope', SCOPES, 'A scope: one use of an API token.', {
  READ: 'Queries and subscriptions.',
  WRITE: 'Mutations of the catalog, lineage and access.',
  LAUNCH: 'Launching and cancelling training.',
  HEALTH: 'Reporting the health of deployments, and nothing else: for monitors. WRITE includes it.',
  REPORT: 'Sending events of OpenLineage to /api/v1/lineage, and nothing else: for producers. WRITE includes it.',
  ADMIN: 'Users, teams and tokens of others; the owner must have the ADMIN role too.',
});
