import type { Flows } from './flows.js';
import { type Time, REGISTERED_BY } from './catalog-rows.js';
import { idOf, oneOf, type Random, seeded } from './random.js';
import type { Runs } from './runs.js';

const SPACE = 3;
const TOOLS = ['airflow', 'dbt', 'spark', 'manual'] as const;
/** Of flows that two sources state. */
const SECOND_SOURCE = 0.05;
/** All flows that have ended were still there then, and all others too. */
export const BEFORE_THE_ENDS = Date.UTC(2026, 0, 15);

export interface ClaimRow {
  source: number;
  target: number;
  id: string;
  claimSource: string;
  runId: string | null;
  validFrom: Time;
  validUntil: Time | null;
  recordedAt: Time;
  retractedAt: Time | null;
}

/**
 * The records of all flows. One that has ended is what two clocks make of it: the record that told no end, taken back
 * when the end was told, and the record that tells it.
 */
export function* claimRows(flows: Flows, runs: Runs, seed: number): Generator<ClaimRow> {
  const random = seeded(seed + 3);
  let made = 0;
  const record = (flow: number, claimSource: string, runId: string | null, times: Times): ClaimRow => ({
    ...{ source: flows.sources[flow] ?? 0, target: flows.targets[flow] ?? 0 },
    ...{ id: idOf(SPACE, made++, times.recordedAt), claimSource, runId, ...times },
  });
  for (let flow = 0; flow < flows.sources.length; flow++) {
    const began = REGISTERED_BY + Math.floor(random() * (Date.UTC(2026, 0, 1) - REGISTERED_BY));
    for (const [claimSource, runId] of statedBy(flows, runs, random, flow)) {
      const open = { validFrom: began, validUntil: null, recordedAt: began, retractedAt: null };
      if (flows.ended[flow] !== true) {
        yield record(flow, claimSource, runId, open);
        continue;
      }
      const end = BEFORE_THE_ENDS + Math.floor(random() * (Date.UTC(2026, 9, 1) - BEFORE_THE_ENDS));
      yield record(flow, claimSource, runId, { ...open, retractedAt: end });
      yield record(flow, claimSource, runId, { ...open, validUntil: end, recordedAt: end });
    }
  }
}

type Times = Pick<ClaimRow, 'validFrom' | 'validUntil' | 'recordedAt' | 'retractedAt'>;

/** Weftline itself where a run was told of, else a tool; sometimes a second tool. */
function statedBy(flows: Flows, runs: Runs, random: Random, flow: number): [string, string | null][] {
  const ends = [flows.sources[flow] ?? 0, flows.targets[flow] ?? 0];
  const runId = ends.map((end) => runs.firstRunOf(end)).find((id) => id !== null) ?? null;
  const first: [string, string | null] = runId === null ? [oneOf(random, TOOLS), null] : ['weftline/runs', runId];
  return random() < SECOND_SOURCE ? [first, ['openlineage', null]] : [first];
}
