import type { Flows } from './flows.js';
import type { Time } from './catalog-rows.js';
import { idOf, seeded, skewed } from './random.js';

const SPACES = { run: 4, version: 5 };
const RUNS_PER_ASSET = 0.2;
const FROM = Date.UTC(2025, 6, 1);
const UNTIL = Date.UTC(2026, 9, 1);
const MAX_INPUTS = 2;

export interface RunRow {
  id: string;
  transformation: number;
  at: Time;
  /** Numbers of versions, in the order in which `versions` gives them. */
  inputs: number[];
  output: number | null;
}

export interface VersionRow {
  id: string;
  asset: number;
  version: string;
  at: Time;
}

/**
 * Runs of the transformations, some of which run often, in the order of time. Each makes a version of what the
 * transformation feeds first, from the newest versions there are of what feeds it.
 */
export class Runs {
  readonly runs: RunRow[] = [];
  readonly versions: VersionRow[] = [];
  private readonly firstRuns = new Map<number, string>();
  private readonly newest = new Map<number, number>();
  private readonly counts = new Map<number, number>();

  constructor(flows: Flows, seed: number) {
    const random = seeded(seed + 2);
    const { transformations, inputs, outputs } = neighbours(flows);
    const count = Math.floor(flows.assets * RUNS_PER_ASSET);
    for (let run = 0; run < count; run++) {
      const at = FROM + Math.floor(((UNTIL - FROM) * run) / count);
      const transformation = transformations[skewed(random, transformations.length, 2)] ?? 0;
      const output = outputs.get(transformation);
      const id = idOf(SPACES.run, run, at);
      if (!this.firstRuns.has(transformation)) this.firstRuns.set(transformation, id);
      this.runs.push({
        ...{ id, transformation, at },
        inputs: (inputs.get(transformation) ?? []).map((asset) => this.newest.get(asset) ?? this.publish(asset, at)),
        output: output === undefined ? null : this.publish(output, at),
      });
    }
  }

  firstRunOf(asset: number): string | null {
    return this.firstRuns.get(asset) ?? null;
  }

  private publish(asset: number, at: Time): number {
    const number = this.versions.length;
    const count = (this.counts.get(asset) ?? 0) + 1;
    this.versions.push({ id: idOf(SPACES.version, number, at), asset, version: `v${count}`, at });
    this.counts.set(asset, count);
    this.newest.set(asset, number);
    return number;
  }
}

/** Which transformations there are, in an order that says nothing, and what feeds them and what they feed now. */
function neighbours(flows: Flows) {
  const inputs = new Map<number, number[]>();
  const outputs = new Map<number, number>();
  const transformations = new Set<number>();
  flows.sources.forEach((source, flow) => {
    const target = flows.targets[flow] ?? 0;
    if (flows.ended[flow] === true) return;
    if (flows.kindOf(target) === 'TRANSFORMATION') {
      transformations.add(target);
      const known = inputs.get(target) ?? [];
      if (known.length < MAX_INPUTS) inputs.set(target, [...known, source]);
    }
    if (flows.kindOf(source) === 'TRANSFORMATION' && !outputs.has(source)) outputs.set(source, target);
  });
  const scattered = [...transformations].sort((a, b) => Math.imul(a, 0x9e3779b1) - Math.imul(b, 0x9e3779b1));
  return { transformations: scattered, inputs, outputs };
}
