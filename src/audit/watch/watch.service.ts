import type { Logger } from 'pino';
import type { Actor } from '../../auth/actor.js';
import { ErrorCode, WeftlineError } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { type Asked, loggable, withoutTokens } from '../entries/asked.js';
import { READ_BY_AUDITOR } from '../erasure/erasure.js';
import { recordAudit } from '../record/record.js';
import { assetsNamed } from './watch.repository.js';

const MAX_REFS = 50;
/** Characters that are kept of a namespace: a valid name has no more. */
const MAX_NAMESPACE = 200;
/** A question may name people: what it asked can be erased where it does, and stays where it does not. */
const PERSONAL = ['/after/arguments', '/after/selection', '/after/variables'];
/** Callers without a token can try without end: of each field one entry a minute says how often. */
const ANONYMOUS_EVERY_MS = 60_000;

/** Accounts for what leaves no change behind: writes that were denied, and what auditors read. */
export class AuditWatch {
  private readonly anonymous = new Map<string, { since: number; writtenAt: number }>();

  constructor(
    private readonly graph: Graph,
    private readonly logger: Logger,
    private readonly now: () => Date,
  ) {}

  /**
   * Writes that a mutation was denied, and why. Never throws: the denial stands also when the log cannot be written,
   * which is then told in the server's own log. `many`: how many of a batch were denied alike.
   */
  async denied(actor: Actor, asked: Asked, error: unknown, many = 1): Promise<void> {
    if (!(error instanceof WeftlineError) || !isDenial(error)) return;
    const count = actor.id === null ? this.countAnonymous(asked.field) : many;
    if (count === 0) return;
    try {
      await this.graph.write(actor.origin, async (tx) => {
        const target = await this.targetOf(tx, asked);
        const after = { code: error.code, count, ...namespaceIn(asked) };
        const action = `denied:${asked.field}`;
        await recordAudit(tx, actor, { action, ...target, outcome: 'DENIED', after, at: this.now() });
      });
    } catch (cause) {
      const { requestId } = actor.origin;
      this.logger.error({ requestId, field: asked.field, err: cause }, 'A denied write is not in the audit log.');
    }
  }

  /** Writes all that an auditor has asked, so that it can be asked again, before they get the answer. Throws UNAVAILABLE: what is not accounted for is not read. */
  async read(actor: Actor, asked: Asked): Promise<void> {
    await this.graph.write(actor.origin, async (tx) => {
      const target = await this.targetOf(tx, asked);
      const after = {
        field: asked.field,
        arguments: loggable(asked.args),
        selection: withoutTokens(asked.selection),
        variables: loggable(asked.variables),
      };
      await recordAudit(tx, actor, { action: READ_BY_AUDITOR, ...target, after, personal: PERSONAL, at: this.now() });
    });
  }

  private async targetOf(tx: WriteTransaction, asked: Asked) {
    const { field, args } = asked;
    const refs = refsIn(args);
    const assets = await assetsNamed(tx, refs);
    const { namespace } = namespaceIn(asked);
    // Who registers something, or settles a namespace, names it and what else; who renames something names that first.
    if (namespace !== undefined && !namesAnAsset(args))
      return { targetId: namespace, targetName: namespace, assetIds: assets.map((asset) => asset.id) };
    const first = assets.find((asset) => asset.ref === refs[0]);
    return {
      targetId: refs[0] === undefined ? field : (first?.id ?? refs[0]),
      targetName: first?.urn ?? refs[0] ?? field,
      assetIds: [...new Set(assets.map((asset) => asset.id))],
    };
  }

  /** How many denials the entry to be written stands for; 0: none is to be written yet. */
  private countAnonymous(field: string): number {
    const now = this.now().getTime();
    const seen = this.anonymous.get(field) ?? { since: 0, writtenAt: Number.NEGATIVE_INFINITY };
    const isDue = now - seen.writtenAt >= ANONYMOUS_EVERY_MS;
    this.anonymous.set(field, isDue ? { since: 0, writtenAt: now } : { ...seen, since: seen.since + 1 });
    return isDue ? seen.since + 1 : 0;
  }
}

/** NOT_FOUND too: it is what a write on a hidden asset is answered. */
function isDenial({ code }: WeftlineError): boolean {
  return code === ErrorCode.FORBIDDEN || code === ErrorCode.NOT_FOUND || code === ErrorCode.UNAUTHENTICATED;
}

/** The namespace as it was asked for, whether there is one or not. */
function namespaceIn({ args }: Asked): { namespace?: string } {
  const namespace = memberOf(args['input'], 'namespace');
  if (typeof namespace !== 'string') return {};
  return { namespace: withoutTokens([...namespace].slice(0, MAX_NAMESPACE).join('')) };
}

const namesAnAsset = (args: Asked['args']): boolean => typeof memberOf(args['input'], 'ref') === 'string';

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** The ids and urns among the arguments, in the order they stand there. */
function refsIn(value: unknown): string[] {
  const refs = new Set<string>();
  const look = (each: unknown): void => {
    if (refs.size >= MAX_REFS) return;
    if (typeof each === 'string') {
      if (/^(urn:weft:.+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(each)) refs.add(each);
    } else if (typeof each === 'object' && each !== null) Object.values(each).forEach(look);
  };
  look(value);
  return [...refs];
}
