import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OperationTypeNode } from 'graphql';
import { badInput, WeftlineError } from '../errors.js';
import { type Admitted, type Door, Refused } from '../graphql/door/door.js';
import type { Metrics } from '../metrics.js';
import { askedBy } from './asked.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the door has let in; null before, and on routes without GraphQL. */
    admitted: Admitted | null;
  }
}

const { QUERY, MUTATION, SUBSCRIPTION } = OperationTypeNode;

/** Which operations a route serves, by method. A stream has no mutations: an address is sent again by whoever reconnects. */
const SERVED: Readonly<Record<string, Readonly<Record<string, readonly OperationTypeNode[]>>>> = {
  '/graphql': { GET: [QUERY], POST: [QUERY, MUTATION] },
  '/graphql/stream': { GET: [QUERY, SUBSCRIPTION], POST: [QUERY, SUBSCRIPTION] },
};
const MEDIA_TYPE = 'application/graphql-response+json';

/** Puts the door before every route below /graphql: one that is not in the table above serves nothing. */
export function guardGraphql(app: FastifyInstance, door: Door, metrics: Metrics): void {
  app.decorateRequest('admitted', null);
  app.addHook('preHandler', async (request, reply) => {
    const route = request.routeOptions.url ?? '';
    if (!/^\/graphql(\/|$)/.test(route)) return;
    try {
      const served = SERVED[route]?.[request.method];
      if (!served) throw methodRefused(request.method);
      checkHost(request);
      request.admitted = door.admit(askedBy(request), served);
    } catch (error) {
      const refused = error instanceof WeftlineError ? requestRefused(error) : error;
      if (!(refused instanceof Refused)) throw refused;
      metrics.operationAnswered('none', 'errors', reply.elapsedTime / 1000);
      await answer(request, reply, refused);
    }
  });
}

/** What the door has let in. */
export function admittedOf(request: FastifyRequest): Admitted {
  if (!request.admitted) throw new Error('The request has not come through the door.');
  return request.admitted;
}

const methodRefused = (method: string): Refused =>
  new Refused(
    [{ message: `GraphQL is asked by GET and POST, not by ${method}.`, extensions: { code: 'BAD_USER_INPUT' } }],
    405,
    false,
  );

const requestRefused = ({ code, message }: WeftlineError): Refused =>
  new Refused([{ message, extensions: { code } }], 400, false);

/** Apollo reads the address together with the host, and would fail on one that is none. */
function checkHost({ url, protocol, hostname }: FastifyRequest): void {
  if (!URL.canParse(url, `${protocol}://${hostname}/`)) {
    throw badInput(
      'The address or the "Host" of the request cannot be read. Send the host that the server is reached by.',
    );
  }
}

/**
 * As GraphQL over HTTP has it: a client that accepts only application/json gets 200 for a well-formed request whose document
 * is at fault, one that knows the newer media type gets 400.
 */
async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { errors, status, isWellFormed }: Refused,
): Promise<void> {
  const isStream = request.routeOptions.url !== '/graphql';
  const isNew = request.headers.accept?.includes(MEDIA_TYPE) === true && !isStream;
  if (status === 405) reply.header('allow', request.method === 'GET' ? 'POST' : 'GET, POST');
  await reply
    .code(isWellFormed && !isNew && !isStream ? 200 : status)
    .type(`${isNew ? MEDIA_TYPE : 'application/json'}; charset=utf-8`)
    .header('cache-control', 'no-store')
    .send(JSON.stringify({ errors }));
}
