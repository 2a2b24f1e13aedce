import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ExportService } from '../audit/verification/export.service.js';
import type { Actor } from '../auth/actor.js';
import { ErrorCode, WeftlineError } from '../errors.js';
import { actorOf, refuse } from './caller.js';
import { asksDryRun, dryRunBody } from './dry-run.js';

/** GET /audit/export: the whole audit log as lines of JSON, for ADMIN and AUDITOR. It is read as fast as it is taken. With dryRun=true, what would come of it. */
export function registerAuditExport(app: FastifyInstance, exports: ExportService): void {
  app.get('/audit/export', async (request, reply) => {
    const actor = actorOf(request);
    const refusal = refusalOf(actor);
    if (refusal) {
      await refuse(reply, refusal.status, refusal.code, refusal.message);
      return reply;
    }
    const query = request.query as Readonly<Record<string, unknown>>;
    try {
      if (asksDryRun(query)) {
        const body = dryRunBody(await exports.foresee(actor));
        return await reply.header('cache-control', 'no-store').send(body);
      }
    } catch (error) {
      if (!(error instanceof WeftlineError) || error.code !== ErrorCode.BAD_USER_INPUT) throw error;
      await refuse(reply, 400, error.code, error.message);
      return reply;
    }
    // What cannot be exported now is refused before a byte is sent, for half a log looks like a cut one.
    const lines = exports.lines(actor);
    const first = await lines.next().catch((error: unknown) => {
      if (error instanceof WeftlineError && error.code === ErrorCode.FORBIDDEN) return error;
      throw error;
    });
    if (first instanceof WeftlineError) {
      await refuse(reply, 403, first.code, first.message, first.facts);
      return reply;
    }
    return reply
      .type('application/jsonl; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('content-disposition', 'attachment; filename="weftline-audit-log.jsonl"')
      .send(Readable.from(withFirst(first, lines)));
  });
}

async function* withFirst(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

function refusalOf(actor: Actor): { status: number; code: ErrorCode; message: string } | null {
  if (actor.id === null) {
    const message = 'Sign in first: send "Authorization: Bearer <token>".';
    return { status: 401, code: ErrorCode.UNAUTHENTICATED, message };
  }
  if (actor.readsAsOf) {
    const message =
      'An auditor session sees what was there at one time, and a log that is cut there cannot be checked. Ask an ADMIN or AUDITOR of the house for the export.';
    return { status: 403, code: ErrorCode.FORBIDDEN, message };
  }
  const readsAll = actor.role === 'ADMIN' || actor.role === 'AUDITOR';
  if (readsAll && actor.scopes.includes('READ')) return null;
  const message = readsAll
    ? 'Your token has no READ scope. Sign in with one that has it.'
    : 'Only an ADMIN or an AUDITOR may export the audit log. What concerns you is in the query `audit`.';
  return { status: 403, code: ErrorCode.FORBIDDEN, message };
}
