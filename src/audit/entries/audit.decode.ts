import { type Viewer } from '../../auth/actor.js';
import { timeOf } from '../../ids.js';
import { dateOf, type Row, textOf } from '../../neo4j/row.js';
import type { AssetEvent, AuditEntry } from './audit.js';
import type { Examined, StoredEntry } from './integrity.js';
import { unspent } from '../record/entry-marks.js';
import { attach, type LogBody, type Value } from '../record/log-entry.js';
import { OUTCOMES } from '../record/record.js';

/** An entry and the ids of the assets it is tied to, whatever was made of them. */
export function storedEntry(row: Row): StoredEntry {
  const node = row.row('entry');
  const [seq, concerned] = [node.raw('seq'), row.raw('concerned')];
  return {
    id: node.text('id'),
    seq: typeof seq === 'bigint' && seq >= 0n && seq <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seq) : null,
    body: textOf(node.raw('body')),
    mark: unspent(textOf(node.raw('mark'))),
    detached: textOf(node.raw('detached')),
    columns: {
      at: dateOf(node.raw('at')),
      actorId: node.raw('actorId'),
      action: node.raw('action'),
      outcome: node.raw('outcome'),
      targetId: node.raw('targetId'),
      requestId: node.raw('requestId'),
      assetIds: node.raw('assetIds'),
    },
    concerned: Array.isArray(concerned) ? concerned.filter((id): id is string => typeof id === 'string') : [],
  };
}

/**
 * An entry as its reader gets it: what its text says, where that is what was sealed. `hidden`: the database says that it
 * concerns an asset they may not see. Of an entry that was changed nothing more than of a hidden one is told to those who
 * do not read everything, for a change may be made to reveal.
 */
export function entryOf(stored: StoredEntry, examined: Examined, hidden: boolean, viewer: Viewer): AuditEntry {
  const { state, differs, body } = examined;
  const isSound = state === 'INTACT' || state === 'WAITING';
  const isHidden = hidden || (!viewer.readsAll && (!isSound || body === null || mayNameOthers(body)));
  const told = body === null ? untold(stored) : toldBy(attach(body, examined.detached), differs);
  return {
    __typename: 'AuditEntry',
    id: stored.id,
    seq: stored.seq === null ? null : BigInt(stored.seq),
    ...told,
    hidden: isHidden,
    integrity: { state, differs },
    ...(isHidden ? WITHHELD : {}),
  };
}

/** What was asked or denied may name anything: audit.cypher.ts says why that is not told. */
function mayNameOthers({ action }: LogBody): boolean {
  return action === 'auditor:read' || action.startsWith('denied:');
}

const WITHHELD = { targetId: null, targetName: null, before: null, after: null, reason: null };

type Told = Omit<AuditEntry, '__typename' | 'id' | 'seq' | 'hidden' | 'integrity'>;

function toldBy(body: LogBody, differs: readonly string[]): Told {
  const replaced = differs.includes('detached') || differs.includes('detached /actorName');
  return {
    at: new Date(body.at),
    actorId: body.actor,
    actorName: textOfValue(body.actorName) ?? (replaced ? ALTERED : 'erased'),
    action: body.action,
    outcome: outcomeOf(body.outcome),
    targetId: body.target,
    targetName: textOfValue(body.targetName),
    requestId: body.requestId,
    before: body.before,
    after: body.after,
    reason: textOfValue(body.reason),
  };
}

const ALTERED = 'altered';
const UNTOLD = 'unreadable';

/** Nothing that stands there is shown as what was done. When it was is told by its id. */
function untold({ id }: StoredEntry): Told {
  const nothing = { actorId: null, targetId: null, targetName: null, before: null, after: null, reason: null };
  const named = { actorName: UNTOLD, action: `audit:${UNTOLD}`, requestId: UNTOLD };
  return { ...nothing, ...named, at: timeOf(id) ?? new Date(0), outcome: 'FAILED' };
}

/** What happened to assets, by the text of the entry; null: it is not what was sealed, or nothing happened to any. */
export function eventOf(stored: StoredEntry, { state, body }: Examined): AssetEvent | null {
  const isTrue = state === 'INTACT' || state === 'ALTERED' || state === 'UNREADABLE';
  if (!isTrue || body === null || stored.seq === null) return null;
  if (body.outcome !== 'DONE' || body.assets.length === 0) return null;
  const { action, target: targetId, assets: assetIds } = body;
  return { seq: stored.seq, at: new Date(body.at), action, targetId, assetIds };
}

/** A word of a newer version is told as the least that can have been. */
function outcomeOf(word: string): AuditEntry['outcome'] {
  return OUTCOMES.find((outcome) => outcome === word) ?? 'FAILED';
}

/** null: there was none, or only its hash is left. */
function textOfValue(value: Value | null): string | null {
  return typeof value === 'string' ? value : null;
}
