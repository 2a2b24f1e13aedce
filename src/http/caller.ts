import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import { ErrorCode, WeftlineError } from '../errors.js';
import { CONSISTENCY_HEADER, type Consistency, tokensInHeader } from '../graphql/consistency.js';
import { RequestBookmarks } from '../neo4j/bookmarks.js';
import type { SignInService } from '../principals/sign-in/sign-in.service.js';
import { holdsToken, pathOf } from './address.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling; set before any GraphQL is read. */
    actor: Actor | null;
  }
}

/** The caller may name the request, to find it in both logs; whatever is no plain word is replaced. */
export function requestId(headers: Readonly<Record<string, unknown>>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID();
}

/** These answer a token in the address with a page that says what to do. */
const PAGES = new Set(['/', '/graphiql']);

/**
 * Establishes who is calling on every route below /graphql, /audit and /api/v1; a wrong token is answered 401 at once. On every
 * route, known or not, a token in the address is refused, since it has been written to logs and histories on its way.
 */
export function authenticateCallers(app: FastifyInstance, signIn: SignInService, consistency: Consistency): void {
  app.decorateRequest('actor', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    const route = request.routeOptions.url ?? '';
    if (!PAGES.has(route) && holdsToken(request.url)) {
      const message =
        'A token must not stand in the address: it is in logs and histories now. Revoke it, and send "Authorization: Bearer <token>".';
      await refuse(reply, 400, ErrorCode.BAD_USER_INPUT, message);
      return;
    }
    if (!/^\/(graphql|audit\/|api\/v1\/)/.test(route)) return;
    try {
      // Before anything is read, the token of the caller too: that may be the write to wait for.
      const seen = tokensInHeader(request.headers[CONSISTENCY_HEADER]);
      await consistency.reach(originOf(request), seen);
      request.actor = await callerOf(signIn, request, seen.length > 0);
    } catch (error) {
      if (!(error instanceof WeftlineError)) throw error;
      const status = STATUS_OF[error.code] ?? 503;
      if (status === 401) reply.header('www-authenticate', 'Bearer realm="weftline", error="invalid_token"');
      await refuse(reply, status, error.code, error.message);
    }
  });
}

const STATUS_OF: Readonly<Record<string, number>> = {
  [ErrorCode.UNAUTHENTICATED]: 401,
  [ErrorCode.BAD_USER_INPUT]: 400,
};

/**
 * Who sends the request: as of now when `afresh`, else as of a second ago at most. Throws UNAUTHENTICATED or UNAVAILABLE.
 */
export function callerOf(signIn: SignInService, request: FastifyRequest, afresh = false): Promise<Actor> {
  const { authorization } = request.headers;
  return signIn.authenticate({ authorization, address: request.ip, origin: originOf(request), afresh });
}

export function actorOf(request: FastifyRequest): Actor {
  if (!request.actor) throw new Error('The caller was not established before this route.');
  return request.actor;
}

function originOf(request: FastifyRequest): Actor['origin'] {
  return { requestId: request.id, operation: pathOf(request.url), bookmarks: new RequestBookmarks() };
}

/** An error in the shape every GraphQL client reads, also where no GraphQL was read. */
export async function refuse(
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
  facts: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send({ errors: [{ message, extensions: { code, ...facts } }] });
}
