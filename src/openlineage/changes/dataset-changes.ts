/** What events say became of data sets: that one was made, overwritten, renamed or dropped. */
import { createHash } from 'node:crypto';
import { type Actor, actorId } from '../../auth/actor.js';
import { WeftlineError } from '../../errors.js';
import { newId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import { type Lifecycle, lifecycleOf } from '../event/facets.js';
import { WRITE_CHANGES } from './dataset-changes.cypher.js';
import { namedBy } from '../reading/names.js';
import type { Reading } from '../reading/reading.js';
import { mayTellOf } from '../ingest/reporting-rights.js';
import type { Known, SaidWriter, Taken } from '../ingest/taken.js';

/** Keeps the changes that events tell of. */
export class ReportedChanges implements SaidWriter {
  constructor(private readonly now: () => Date) {}

  async write(tx: WriteTransaction, actor: Actor, taken: readonly Taken[], known: Known): Promise<void> {
    const rows = latestOf(taken.flatMap(({ reading }) => changesIn(actor, reading, known)));
    if (rows.length > 0) await tx.run(WRITE_CHANGES, { rows, now: this.now() });
  }
}

type ChangeRow = Parameters & { key: string; done: boolean; place: string };

/** Each change once, as of its last event: of several rows of one key the statement would keep any. */
function latestOf(rows: readonly ChangeRow[]): ChangeRow[] {
  const latest = new Map<string, ChangeRow>();
  for (const row of rows) {
    const before = latest.get(row.key);
    const last = before && before.place > row.place ? before : row;
    latest.set(row.key, { ...last, done: row.done || (before?.done ?? false) });
  }
  return [...latest.values()];
}

/** What a job is said to do in general is no change: it has no time. */
function changesIn(actor: Actor, reading: Reading, { assets, runs }: Known): ChangeRow[] {
  const { event, run, datasets } = reading;
  if (event.kind === 'JOB') return [];
  return [...datasets.values()].flatMap(({ named, facets }): ChangeRow[] => {
    const said = lifecycleOf({ facets });
    const asset = assets.get(named.urn);
    if (!said || asset?.kind !== 'DATASET' || !mayTellOf(actor, asset)) return [];
    const fromKey = formerKeyOf(said);
    const source = actorId(actor);
    // Of a run the same change is one; of what has no run, each event is.
    const parts = [asset.id, source, run?.key ?? event.digest, said.change, fromKey];
    const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
    const content = {
      ...{ id: newId(), assetId: asset.id, change: said.change, source, fromKey },
      runId: (run && runs.get(run.key)) ?? null,
    };
    const done = event.kind === 'DATASET' || event.eventType !== 'START';
    const at = event.eventTime;
    return [
      { key, assetId: asset.id, content, done, at, place: `${at.toISOString()} ${key}`, producer: event.producer },
    ];
  });
}

/** The key of the alias by which it was called before; null: it was not, or by what cannot be a name. */
function formerKeyOf({ change, previous }: Lifecycle): string | null {
  if (change !== 'RENAME' || previous === null) return null;
  try {
    return namedBy('DATASET', previous).key;
  } catch (error) {
    if (error instanceof WeftlineError) return null;
    throw error;
  }
}
