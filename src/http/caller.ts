import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../auth/actor.js';
import { ErrorCode, WeftlineError } from '../errors.js';
import type { PrincipalService } from '../principals/principal.service.js';

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

/**
 * Establishes who is calling on every route below /graphql. A token in the address is refused, since it has been written
 * to logs and histories on its way; a wrong one is answered 401 at once.
 */
export function authenticateCallers(app: FastifyInstance, principals: PrincipalService): void {
  app.decorateRequest('actor', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (!request.url.startsWith('/graphql') || request.url.startsWith('/graphiql')) return;
    if (/[?&](token|access_token)=|wft_/i.test(request.url)) {
      const message =
        'A token must not stand in the address: it is in logs and histories now. Revoke it, and send "Authorization: Bearer <token>".';
      await refuse(reply, 400, ErrorCode.BAD_USER_INPUT, message);
      return;
    }
    try {
      request.actor = await principals.authenticate(request.headers.authorization, originOf(request));
    } catch (error) {
      if (!(error instanceof WeftlineError)) throw error;
      const status = error.code === ErrorCode.UNAUTHENTICATED ? 401 : 503;
      if (status === 401) reply.header('www-authenticate', 'Bearer realm="weftline", error="invalid_token"');
      await refuse(reply, status, error.code, error.message);
    }
  });
}

export function actorOf(request: FastifyRequest): Actor {
  if (!request.actor) throw new Error('The caller was not established before this route.');
  return request.actor;
}

export function originOf(request: FastifyRequest): Actor['origin'] {
  return { requestId: request.id, operation: request.url.split('?')[0] ?? '' };
}

/** An error in the shape every GraphQL client reads, also where no GraphQL was read. */
export async function refuse(reply: FastifyReply, status: number, code: string, message: string): Promise<void> {
  await reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send({ errors: [{ message, extensions: { code } }] });
}
