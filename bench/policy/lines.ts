import { newId } from '../../src/ids.js';

const BATCH = 1_000;
const ROOTS = 5;

interface NewVersion {
  id: string;
  number: number;
  version: string;
  digest: string;
  /** The data set that it is of; null: one of those that are there. */
  asset: string | null;
}

interface NewRun {
  id: string;
  number: number;
  inputs: string[];
  output: string;
}

/** What lies up the line of five versions: layer upon layer, each version made by a run of two of the next layer. */
export interface Line {
  roots: string[];
  versions: NewVersion[];
  runs: NewRun[];
}

/** A line with so many ancestors, or a little more, some 16 layers deep at most; what it begins with is of one raw data set, the roots of their own. */
export function lineOf(ancestors: number, { raw, roots }: { raw: string; roots: readonly string[] }): Line {
  const widest = Math.max(ROOTS, Math.ceil(ancestors / 33) * 2);
  const layers = [roots.map((asset) => versionOf(asset, 0))];
  const line: Line = { roots: layers[0]?.map(({ id }) => id) ?? [], versions: [...(layers[0] ?? [])], runs: [] };
  for (let layer = layers[0] ?? []; line.versions.length - ROOTS + line.runs.length < ancestors;) {
    const left = ancestors - (line.versions.length - ROOTS) - line.runs.length - layer.length;
    const width = Math.max(1, Math.min(widest, layer.length * 2, left));
    const isLast = left <= width;
    const next = Array.from({ length: width }, (_, number) =>
      versionOf(isLast ? raw : null, line.versions.length + number),
    );
    layer.forEach(({ id: output }, index) => {
      const inputs = [2 * index, 2 * index + 1].map((at) => next[at % width]?.id ?? '');
      line.runs.push({ id: newId(), number: line.runs.length, inputs: [...new Set(inputs)], output });
    });
    line.versions.push(...next);
    layer = next;
  }
  return line;
}

/** In parts that one statement takes. */
export function* batchesOf<T>(rows: readonly T[]): Generator<T[]> {
  for (let begin = 0; begin < rows.length; begin += BATCH) yield rows.slice(begin, begin + BATCH);
}

function versionOf(asset: string | null, number: number): NewVersion {
  const id = newId();
  return { id, number, version: `bench-${id}`, digest: `sha256:${id.replaceAll('-', '').padEnd(64, '0')}`, asset };
}
