import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { GraphQLError } from 'graphql';
import type { Actor } from '../auth/actor.js';
import { AssetRef } from '../catalog/model/ref.scalars.js';
import { badInput, ErrorCode, forbidden, unauthenticated, WeftlineError } from '../errors.js';
import type { Direction } from '../lineage/trace/lineage.js';
import type { AskedExport, LineageExport } from '../openlineage/export/export.service.js';
import { DateTime } from '../graphql/scalars.js';
import { actorOf, refuse } from './caller.js';
import { asksDryRun, dryRunBody } from './dry-run.js';

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  [ErrorCode.BAD_USER_INPUT]: 400,
  [ErrorCode.UNAUTHENTICATED]: 401,
  [ErrorCode.FORBIDDEN]: 403,
  [ErrorCode.NOT_FOUND]: 404,
  [ErrorCode.LIMIT_EXCEEDED]: 429,
  [ErrorCode.UNAVAILABLE]: 503,
};

/** GET /api/v1/export/openlineage?asset=REF: the lineage of an asset as lines of events, as POST /api/v1/lineage/batch takes them; with dryRun=true, what would come of it. */
export function registerLineageExport(app: FastifyInstance, exports: LineageExport): void {
  app.get('/api/v1/export/openlineage', async (request, reply) => {
    try {
      const actor = actorOf(request);
      checkMayExport(actor);
      const { ref, isDryRun, ...asked } = askedIn(request.query as Readonly<Record<string, unknown>>);
      if (isDryRun) {
        const { withheldAssets, dryRun } = await exports.foresee(actor, ref, asked);
        return await reply.header('cache-control', 'no-store').send({ ...dryRunBody(dryRun), withheldAssets });
      }
      const { withheldAssets, lines } = await exports.openFor(actor, ref, asked);
      // What cannot be read now is refused before a byte is sent.
      const first = await lines.next();
      return await reply
        .type('application/x-ndjson; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('content-disposition', 'attachment; filename="weftline-lineage.ndjson"')
        .header('x-weftline-withheld-assets', String(withheldAssets))
        .send(Readable.from(withFirst(first, lines)));
    } catch (error) {
      if (!(error instanceof WeftlineError)) throw error;
      const status = STATUS_OF[error.code] ?? 400;
      if (status === 401) reply.header('www-authenticate', 'Bearer realm="weftline"');
      if (status === 429 || status === 503) reply.header('retry-after', '5');
      await refuse(reply, status, error.code, error.message, error.facts);
      return reply;
    }
  });
}

async function* withFirst(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function checkMayExport(actor: Actor): void {
  if (actor.id === null) throw unauthenticated('Sign in first: send "Authorization: Bearer <token>".');
  if (!actor.scopes.includes('READ')) throw forbidden('Your token has no READ scope. Sign in with one that has it.');
  if (actor.readsAsOf)
    throw forbidden(
      'An auditor session sees what was there at one time, and an export tells of what is there now. Ask an AUDITOR of the house for it.',
    );
}

const KNOWN = ['asset', 'direction', 'asOf', 'knownAt', 'dryRun'];
const DIRECTIONS: Readonly<Record<string, Direction>> = {
  upstream: 'UPSTREAM',
  downstream: 'DOWNSTREAM',
  both: 'BOTH',
};

/** Throws BAD_USER_INPUT. */
function askedIn(query: Readonly<Record<string, unknown>>): AskedExport & { ref: string; isDryRun: boolean } {
  const unknown = Object.keys(query).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined)
    throw badInput(
      `The export knows no parameter ${JSON.stringify(unknown.slice(0, 60))}: only \`asset\`, \`direction\`, \`asOf\`, \`knownAt\` and \`dryRun\`.`,
    );
  const { asset, direction = 'upstream' } = query;
  if (typeof asset !== 'string' || asset === '')
    throw badInput('Name one asset by its id or urn: /api/v1/export/openlineage?asset=…');
  const known = typeof direction === 'string' ? DIRECTIONS[direction.toLowerCase()] : undefined;
  if (known === undefined) throw badInput('`direction` must be one of upstream, downstream, both.');
  const clocks = { asOf: timeIn('asOf', query['asOf']), knownAt: timeIn('knownAt', query['knownAt']) };
  return { ref: refIn(asset), direction: known, ...clocks, isDryRun: asksDryRun(query) };
}

/** null: not given. Throws BAD_USER_INPUT for what is no time. */
function timeIn(name: string, given: unknown): Date | null {
  if (given === undefined) return null;
  try {
    return DateTime.parseValue(given);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw badInput(
      `\`${name}\` must be one time as 2026-11-29T12:00:00Z; a plus sign in an address is written %2B. ${error.message}`,
    );
  }
}

function refIn(asset: string): string {
  try {
    return AssetRef.parseValue(asset);
  } catch (error) {
    if (error instanceof GraphQLError) throw badInput(error.message);
    throw error;
  }
}
