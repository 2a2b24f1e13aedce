import { ChangesOfRights } from '../auth/changes-of-rights.js';
import { TokenVerifier } from '../auth/oidc/token-verifier.js';
import type { Graph } from '../neo4j/graph.js';
import { ExternalUserRepository } from '../principals/sign-in/external-user.repository.js';
import { ExternalUserService } from '../principals/sign-in/external-user.service.js';
import { SealedCursors } from '../graphql/sealed-cursor.js';
import { DirectoryRepository } from '../principals/directory/directory.repository.js';
import { DirectoryResolver } from '../principals/directory/directory.resolver.js';
import { DirectoryService } from '../principals/directory/directory.service.js';
import { RenamingService } from '../principals/directory/renaming.service.js';
import { TeamRetirement } from '../principals/directory/team-retirement.service.js';
import { AuditorSessionRepository } from '../principals/tokens/auditor-session.repository.js';
import { AuditorSessionResolver } from '../principals/tokens/auditor-session.resolver.js';
import { AuditorSessionService } from '../principals/tokens/auditor-session.service.js';
import { PrincipalRepository } from '../principals/accounts/principal.repository.js';
import * as principalResolvers from '../principals/accounts/principal.resolver.js';
import { PrincipalService } from '../principals/accounts/principal.service.js';
import { SignInFailures } from '../principals/sign-in/sign-in-failures.service.js';
import { SignInService } from '../principals/sign-in/sign-in.service.js';
import { AccountAdministrationRepository } from '../principals/accounts/account-administration.repository.js';
import { AccountAdministrationResolver } from '../principals/accounts/account-administration.resolver.js';
import { AccountAdministration } from '../principals/accounts/account-administration.service.js';
import { TokenRepository } from '../principals/tokens/token.repository.js';
import * as tokenResolvers from '../principals/tokens/token.resolver.js';
import { TokenService } from '../principals/tokens/token.service.js';
import type { Parts, ResolverEntries } from './parts.js';

const TELL_OF_FAILURES_EVERY_MS = 60_000;

/** Principals and their tokens: all that `npm run token` needs. */
export function wireTokens(graph: Graph, now: () => Date, maxDays: number) {
  const rows = new PrincipalRepository(graph);
  const changes = new ChangesOfRights(graph);
  const tokenRows = new TokenRepository(graph, { changes, now });
  const principals = new PrincipalService(graph, rows, now);
  const standing = new AccountAdministration(graph, new AccountAdministrationRepository(now), now);
  const tokens = new TokenService({ graph, tokens: tokenRows, rows, principals, standing, maxDays, now });
  return { principals, standing, tokens, tokenRows, changes };
}

/** Who there is, and how they sign in. */
export function wirePrincipals({ graph, now, logger, access, cursorSecret }: Parts) {
  const { principals, standing, tokens, tokenRows, changes } = wireTokens(graph, now, access.maxTokenDays);
  const people = new ExternalUserRepository(graph, now, changes);
  const oidc = access.oidc && {
    verifier: new TokenVerifier(access.oidc, logger, now),
    people: new ExternalUserService(graph, people, access.oidc, now),
  };
  const signInFailures = new SignInFailures(graph, logger, { now, everyMs: TELL_OF_FAILURES_EVERY_MS });
  const { anonymousDiscovery } = access;
  const failures = signInFailures;
  const signIn = new SignInService({ tokens: tokenRows, oidc, failures, changes, anonymousDiscovery, now });
  const sessions = new AuditorSessionService(graph, new AuditorSessionRepository(graph, now), now);
  const listed = new DirectoryService(principals, new SealedCursors(cursorSecret));
  const names = new DirectoryRepository(now);
  const renaming = new RenamingService(graph, names, now);
  const retirement = new TeamRetirement(graph, names, now);
  const resolvers: ResolverEntries = [
    [DirectoryResolver, new DirectoryResolver(listed, renaming, retirement)],
    [principalResolvers.PrincipalResolver, new principalResolvers.PrincipalResolver(principals, sessions)],
    [principalResolvers.UserFieldsResolver, new principalResolvers.UserFieldsResolver(principals)],
    [principalResolvers.ServiceAccountFieldsResolver, new principalResolvers.ServiceAccountFieldsResolver(principals)],
    [principalResolvers.TeamFieldsResolver, new principalResolvers.TeamFieldsResolver(principals)],
    [AuditorSessionResolver, new AuditorSessionResolver(sessions, principals)],
    [AccountAdministrationResolver, new AccountAdministrationResolver(standing)],
    [tokenResolvers.TokenResolver, new tokenResolvers.TokenResolver(tokens)],
    [tokenResolvers.UserTokensResolver, new tokenResolvers.UserTokensResolver(tokens)],
    [tokenResolvers.ServiceAccountTokensResolver, new tokenResolvers.ServiceAccountTokensResolver(tokens)],
  ];
  return { principals, tokens, sessions, signIn, signInFailures, changes, resolvers };
}
