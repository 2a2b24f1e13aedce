import { isDeeper } from '../../json/limits.js';
import type { EntryMarks } from '../record/entry-marks.js';
import { brokenAttachments, type Detached, type LogBody, readBody, readDetached } from '../record/log-entry.js';
import type { Hash } from '../sealing/merkle.js';
import { leafOf } from '../sealing/sealing.js';

export const INTEGRITY_STATES = ['INTACT', 'WAITING', 'ALTERED', 'UNPROVEN', 'EDITED', 'UNREADABLE'] as const;
export type IntegrityState = (typeof INTEGRITY_STATES)[number];

/** How far what is shown of an entry is what was sealed. */
export interface Integrity {
  state: IntegrityState;
  /** What beside its text says something else than the text, or cannot be shown. */
  differs: string[];
}

/** An entry as it stands in the database, where anybody who can write there may have changed anything. */
export interface StoredEntry {
  id: string;
  /** null: none, or nothing that could be one. */
  seq: number | null;
  body: string | null;
  mark: string | null;
  detached: string | null;
  columns: {
    at: Date | null;
    actorId: unknown;
    action: unknown;
    outcome: unknown;
    targetId: unknown;
    requestId: unknown;
    assetIds: unknown;
  };
  /** Ids of the assets it is tied to. */
  concerned: string[];
}

/** What the tree has at the number of an entry; `proven`: the tree above it says so too. */
export interface SealedLeaf {
  hash: Hash;
  proven: boolean;
}

export interface Examined extends Integrity {
  /** What its text says; null: nothing that could be trusted. */
  body: LogBody | null;
  detached: Detached;
}

/** Nobody nests a change so deep in earnest, and what is nested deeper cannot be answered by every tool on the way. */
const DEEPEST_SHOWN = 200;

/** Holds an entry against its leaf; before it has one, against the mark of the server that wrote it. */
export function examine(stored: StoredEntry, leaf: SealedLeaf | null, marks: EntryMarks): Examined {
  const body = stored.body === null ? null : readBody(stored.body);
  if (stored.body === null || body === null) return nothing('UNREADABLE');
  const isSealed = stored.seq !== null || stored.mark === null;
  const isTrue = isSealed
    ? leaf !== null && leafOf(stored.body).equals(leaf.hash)
    : marks.fits(stored.body, stored.mark);
  if (!isTrue) return nothing('EDITED');
  const detached = readDetached(stored.detached);
  const tooDeep = (['before', 'after'] as const).filter((member) => isDeeper(body[member], DEEPEST_SHOWN));
  const differs = [...columnsThatDiffer(stored, body), ...detachedThatDiffers(body, detached), ...tooDeep];
  const shown = { ...body, ...Object.fromEntries(tooDeep.map((member) => [member, null])) };
  const soundState = isSealed ? 'INTACT' : 'WAITING';
  const state = differs.length > 0 ? 'ALTERED' : soundState;
  const proven = !isSealed || leaf?.proven === true;
  return {
    state: tooDeep.length > 0 ? 'UNREADABLE' : proven ? state : 'UNPROVEN',
    differs,
    body: shown,
    detached: detached ?? {},
  };
}

function nothing(state: IntegrityState): Examined {
  return { state, differs: ['body'], body: null, detached: {} };
}

/** The names of what lists find the entry by, where it is not what the text says. */
function columnsThatDiffer({ id, columns, concerned }: StoredEntry, body: LogBody): string[] {
  const same: Record<string, boolean> = {
    id: id === body.id,
    at: columns.at?.getTime() === Date.parse(body.at),
    actorId: columns.actorId === body.actor,
    action: columns.action === body.action,
    outcome: columns.outcome === body.outcome,
    targetId: columns.targetId === body.target,
    requestId: columns.requestId === body.requestId,
    assetIds: asSet(columns.assetIds) === asSet(body.assets) && asSet(concerned) === asSet(body.assets),
  };
  return Object.keys(same).filter((name) => same[name] === false);
}

/** The pointers of values about persons that are not those that were logged: what was erased is not there at all. */
function detachedThatDiffers(body: LogBody, detached: Detached | null): string[] {
  if (detached === null) return ['detached'];
  return brokenAttachments(body, detached).map((pointer) => `detached ${pointer}`);
}

const asSet = (ids: unknown): string =>
  JSON.stringify(Array.isArray(ids) ? [...new Set(ids.map((id) => String(id)))].sort() : null);
