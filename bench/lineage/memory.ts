import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Contestants } from './contestants.js';
import { round } from './interleave.js';
import type { LoadedRoot } from './load.js';

/** Memory of the process of the API, in MiB. */
interface MemorySample {
  answers: number;
  rss: number;
  heap: number;
}

export interface MemoryUse {
  samples: MemorySample[];
  answers: number;
  /** What 1,000 more answers added, by a straight line through the samples of the second half: 0 is flat. */
  rssSlope: number;
  heapSlope: number;
  highestRss: number;
}

const SAMPLES = 40;

/** Lets the server answer the same large question over and over, and watches its memory. */
export async function measureMemory(
  contestants: Contestants,
  root: LoadedRoot,
  { first, seconds }: { first: number; seconds: number },
): Promise<MemoryUse> {
  const samples: MemorySample[] = [];
  const began = performance.now();
  let answers = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const until = began + (seconds * 1000 * (sample + 1)) / SAMPLES;
    while (performance.now() < until) {
      await contestants.complete(root, first);
      answers += 1;
    }
    const rss = await residentMegabytes(contestants.weftline.pid);
    samples.push({ answers, rss, heap: round((await contestants.heapBytes()) / 2 ** 20) });
  }
  const settled = samples.slice(SAMPLES / 2);
  return {
    samples,
    answers,
    rssSlope: slope(settled, ({ rss }) => rss),
    heapSlope: slope(settled, ({ heap }) => heap),
    highestRss: Math.max(...samples.map(({ rss }) => rss)),
  };
}

/** Memory of a process, in MiB. */
export async function residentMegabytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return round(Number(stdout) / 1024);
}

/** By least squares, for 1,000 answers. */
function slope(samples: readonly MemorySample[], of: (sample: MemorySample) => number): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = { answers: mean(samples.map(({ answers }) => answers)), value: mean(samples.map(of)) };
  const together = samples.map((sample) => (sample.answers - middle.answers) * (of(sample) - middle.value));
  const alone = samples.map(({ answers }) => (answers - middle.answers) ** 2);
  return round((mean(together) / mean(alone)) * 1_000);
}
