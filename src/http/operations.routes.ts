import type { FastifyInstance } from 'fastify';
import { ErrorCode } from '../errors.js';
import type { Metrics } from '../metrics.js';
import { refuse } from './caller.js';

export interface Readiness {
  /** Why the server cannot serve now; null when it can. */
  whyNotReady: () => Promise<string | null>;
  /** What is wrong while the server serves all the same; [] when nothing is. */
  remarks: () => Promise<readonly string[]>;
  metrics: Metrics;
}

/** What those who run the server ask: is it alive, can it serve, what is it doing. Nothing here tells about the catalog. */
export function registerOperations(app: FastifyInstance, { whyNotReady, remarks, metrics }: Readiness): void {
  app.get('/healthz', () => ({ status: 'live' }));
  app.get('/readyz', async (_request, reply) => {
    const reason = await whyNotReady();
    if (reason !== null) return reply.code(503).send({ status: 'not ready', reason });
    const told = await remarks();
    return reply.send({ status: 'ready', ...(told.length > 0 ? { remarks: told } : {}) });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

/** Those who run the server are answered until its end. */
const OPERATIONS = new Set(['/healthz', '/readyz', '/metrics']);

/** Refuses every request as UNAVAILABLE while there is a reason to; before anything of it is read. */
export function refuseAll(app: FastifyInstance, reason: () => string | null): void {
  app.addHook('onRequest', async (request, reply) => {
    const why = reason();
    if (why === null || OPERATIONS.has(request.routeOptions.url ?? '')) return;
    reply.header('x-request-id', request.id);
    await refuse(reply, 503, ErrorCode.UNAVAILABLE, why);
  });
}
