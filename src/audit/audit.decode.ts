import type { Row } from '../neo4j/row.js';
import type { AuditEntry } from './audit.js';
import { attach, type Detached, type LogBody, type Value } from './log-entry.js';
import { OUTCOMES } from './record.js';

/** An entry as its reader gets it, from its node and whether it is hidden from them: then nothing tells of the asset. */
export function decodeEntry(row: Row): AuditEntry {
  const node = row.row('entry');
  const hidden = row.flag('hidden');
  const told = node.maybeText('body') === null ? decodeColumns(node) : decodeBody(node);
  return {
    __typename: 'AuditEntry',
    id: node.text('id'),
    seq: node.maybeBigInt('seq'),
    at: node.time('at'),
    actorId: node.maybeText('actorId'),
    action: node.text('action'),
    // A word of a newer version is told as the least that can have been.
    outcome: OUTCOMES.find((outcome) => outcome === node.text('outcome')) ?? 'FAILED',
    requestId: node.text('requestId'),
    ...told,
    targetId: node.text('targetId'),
    hidden,
    ...(hidden ? WITHHELD : {}),
  };
}

const WITHHELD = { targetId: null, targetName: null, before: null, after: null, reason: null };

type Told = Pick<AuditEntry, 'actorName' | 'targetName' | 'before' | 'after' | 'reason'>;

/** From what was hashed, with the personal values put back that were not erased. */
function decodeBody(node: Row): Told {
  const body = JSON.parse(node.text('body')) as LogBody;
  const { actorName, targetName, before, after, reason } = attach(body, detachedOf(node));
  return {
    actorName: textOf(actorName) ?? 'erased',
    targetName: textOf(targetName),
    before,
    after,
    reason: textOf(reason),
  };
}

/** The personal values kept beside an entry; none when all were erased. */
export function detachedOf(node: Row): Detached {
  return node.json('detached') as Detached;
}

/** From the properties of an entry written before the log was sealed, until the sequencer gives it a body. */
function decodeColumns(node: Row): Told {
  return {
    actorName: node.text('actorName'),
    targetName: node.text('targetName'),
    before: node.maybeText('before') === null ? null : node.json('before'),
    after: node.maybeText('after') === null ? null : node.json('after'),
    reason: node.maybeText('reason'),
  };
}

/** null: there was none, or only its hash is left. */
function textOf(value: Value | null): string | null {
  return typeof value === 'string' ? value : null;
}
