/**
 * How large a body may be. One limit holds for all requests; the fields of a wide table have one of their own, which only helps who
 * has signed in and asks for nothing but `setFields`. Who may send so much is known before a byte of it is read, what it asks only
 * once it is.
 */
import { pipeline, type Readable, Transform } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Kind, type OperationDefinitionNode, OperationTypeNode } from 'graphql';
import { ErrorCode, limitExceeded } from '../errors.js';
import { refuse } from './caller.js';
import { admittedOf } from './door.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads its bodies itself, and bounds them. */
    boundsItself?: boolean;
  }
}

/** In bytes. */
export interface BodyLimits {
  bodyBytes: number;
  fieldsBodyBytes: number;
}

/** Bodies of more than the usual size that are read and worked on at once: each is in memory several times over. */
const MOST_AT_ONCE = 4;
const TOO_LARGE = 'FST_ERR_CTP_BODY_TOO_LARGE';

/** Before any body is read. Throws LIMIT_EXCEEDED when too many large ones are being worked on. */
export function boundBodies(app: FastifyInstance, limits: BodyLimits): void {
  const open = new Set<FastifyRequest>();
  app.addHook('preParsing', async (request, reply, payload) => {
    if (request.routeOptions.config.boundsItself) return payload;
    const length = lengthOf(request);
    // What does not say how long it is, as what is sent in chunks, is cut off at the usual limit.
    if (length === null) return endedAt(payload, limits.bodyBytes);
    if (length <= limits.bodyBytes) return payload;
    if (!maySendFields(request)) {
      reply.header('connection', 'close');
      throw bodyTooLarge();
    }
    if (open.size >= MOST_AT_ONCE)
      throw limitExceeded(`${open.size} large bodies are being worked on already. Send yours again in a moment.`);
    open.add(request);
    reply.raw.once('close', () => open.delete(request));
    return Promise.resolve(payload);
  });
}

/** Around the door: what is larger than usual has to be fields, in variables; a text of that size is not even read. */
export function keepLargeBodiesToFields(app: FastifyInstance, limits: BodyLimits): void {
  app.addHook('preValidation', async (request) => {
    const text: unknown = (request.body as { query?: unknown } | null | undefined)?.query;
    if (typeof text === 'string' && text.length > limits.bodyBytes) throw bodyTooLarge();
    return Promise.resolve();
  });
  app.addHook('preHandler', async (request, reply) => {
    if ((lengthOf(request) ?? 0) <= limits.bodyBytes || reply.sent || !maySendFields(request)) return;
    if (setsFieldsAlone(admittedOf(request).operation)) return;
    await refuse(reply, 413, ErrorCode.LIMIT_EXCEEDED, tooLarge(request, limits));
  });
}

/** Says that the body of a request is too large, and what is possible. */
export function tooLarge(request: FastifyRequest, { bodyBytes, fieldsBodyBytes }: BodyLimits): string {
  const length = lengthOf(request);
  if (maySendFields(request) && length !== null && length > fieldsBodyBytes && fieldsBodyBytes > bodyBytes)
    return `The request body is larger than ${fieldsBodyBytes} bytes. Send the fields in parts, by setFields with \`mode: MERGE\`.`;
  const more = fieldsBodyBytes > bodyBytes ? ` Only one setFields by itself may have ${fieldsBodyBytes}.` : '';
  return `The request body is larger than ${bodyBytes} bytes. Send less at once.${more}`;
}

/** null: it does not say. A request without a body has none to bound. */
function lengthOf({ headers }: FastifyRequest): number | null {
  const length = headers['content-length'];
  if (length === undefined) return headers['transfer-encoding'] === undefined ? 0 : null;
  return Number(length);
}

const maySendFields = (request: FastifyRequest): boolean =>
  request.routeOptions.url === '/graphql' && request.method === 'POST' && (request.actor?.id ?? null) !== null;

function setsFieldsAlone({ operation, selectionSet: { selections } }: OperationDefinitionNode): boolean {
  const [only] = selections;
  const isAlone = operation === OperationTypeNode.MUTATION && selections.length === 1;
  return isAlone && only?.kind === Kind.FIELD && only.name.value === 'setFields';
}

function endedAt(payload: Readable, most: number): Readable {
  let bytes = 0;
  const ended = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > most) done(bodyTooLarge());
      else done(null, chunk);
    },
  });
  // What goes wrong with the one goes wrong with the other, and is told by whoever reads it.
  pipeline(payload, ended, () => undefined);
  return ended;
}

const bodyTooLarge = (): Error & { code: string; statusCode: number } =>
  Object.assign(new Error('The body is too large.'), { code: TOO_LARGE, statusCode: 413 });
