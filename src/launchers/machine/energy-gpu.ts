/**
 * Energy of the GPUs a program was given, as their driver tells it through `nvidia-smi`: by the counter of the card where
 * that is offered, else by adding up its power once a second. Both are of whole cards: a job has its cards to itself.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { EnergyReading } from '../port/launcher.js';

const PATIENCE_MS = 5_000;
const EVERY_MS = 1_000;
/** A longer silence is not bridged: what happened in it is not known. */
const LONGEST_GAP_MS = 5_000;

const COUNTER = 'total_energy_consumption';
const FIELDS = ['index', 'name', 'power.draw'];

interface Card {
  index: string;
  name: string;
  watts: number | null;
  /** Since the driver was loaded; null where the card has no counter. */
  millijoules: number | null;
}

export type GpuId = number | string;

export class GpuMeter {
  private readonly startedAt = performance.now();
  private power: PowerSum | null = null;

  private constructor(
    private readonly gpus: readonly GpuId[],
    private readonly cards: readonly Card[],
    /** Why nothing can be read; null when something can. */
    private readonly unreadable: string | null,
  ) {}

  /** Never throws: what cannot be measured is told at the end. */
  static async start(gpus: readonly GpuId[]): Promise<GpuMeter> {
    if (gpus.length === 0) return new GpuMeter(gpus, [], 'The job was given no GPU.');
    try {
      const cards = await readCards(gpus);
      const meter = new GpuMeter(gpus, cards, null);
      if (!hasCounters(cards) && cards.every((card) => card.watts !== null)) meter.power = new PowerSum(gpus);
      return meter;
    } catch (error) {
      return new GpuMeter(gpus, [], `nvidia-smi could not be asked: ${firstLine(error)}`);
    }
  }

  async stop(): Promise<EnergyReading> {
    const model = this.cards[0]?.name ?? null;
    const nothing = (note: string): EnergyReading => ({ joules: null, coverage: 0, model, note });
    if (this.unreadable !== null) return nothing(this.unreadable);
    if (this.power) {
      const { joules, coveredMs } = this.power.stop();
      const coverage = Math.min(1, coveredMs / (performance.now() - this.startedAt));
      if (coverage === 0) return nothing('The run was too short to see the power of its GPUs twice.');
      return { joules, coverage, model, note: 'The cards have no energy counter: their power was read once a second.' };
    }
    if (!hasCounters(this.cards)) return nothing('The cards tell neither an energy counter nor their power.');
    try {
      const joules = difference(this.cards, await readCards(this.gpus));
      if (joules === null) return nothing('The energy counter went backwards: the driver was loaded anew meanwhile.');
      return { joules, coverage: 1, model, note: null };
    } catch (error) {
      return nothing(`nvidia-smi could not be asked at the end: ${firstLine(error)}`);
    }
  }
}

/** Power over time, from one nvidia-smi that writes a line for each card every second until it is stopped. */
class PowerSum {
  private readonly child: ChildProcess;
  private readonly last = new Map<string, { watts: number; at: number }>();
  private joules = 0;
  /** Of all cards together. */
  private coveredMs = 0;

  constructor(private readonly gpus: readonly GpuId[]) {
    const args = [...queryOf(gpus, ['index', 'power.draw']), `--loop-ms=${EVERY_MS}`];
    const child = spawn('nvidia-smi', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    // What comes of it shows in the coverage.
    child.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => this.add(line));
    this.child = child;
  }

  stop(): { joules: number; coveredMs: number } {
    this.child.kill('SIGKILL');
    this.child.stdout?.destroy();
    return { joules: this.joules, coveredMs: this.coveredMs / this.gpus.length };
  }

  private add(line: string): void {
    const [index = '', power = ''] = line.split(',').map((part) => part.trim());
    const watts = numberIn(power);
    if (watts === null) return;
    const at = performance.now();
    const before = this.last.get(index);
    this.last.set(index, { watts, at });
    if (!before || at - before.at > LONGEST_GAP_MS) return;
    this.joules += ((watts + before.watts) / 2) * ((at - before.at) / 1000);
    this.coveredMs += at - before.at;
  }
}

/** Asks with the counter first: an nvidia-smi that does not know the field refuses the whole question. */
async function readCards(gpus: readonly GpuId[]): Promise<Card[]> {
  const lines = await ask(queryOf(gpus, [...FIELDS, COUNTER])).catch(() => ask(queryOf(gpus, FIELDS)));
  const cards = lines.map((line) => {
    const [index = '', name = '', power = '', energy = ''] = line.split(',').map((part) => part.trim());
    return { index, name, watts: numberIn(power), millijoules: numberIn(energy) };
  });
  if (cards.length !== gpus.length) throw new Error(`it told of ${cards.length} card(s), ${gpus.length} were given`);
  return cards;
}

function ask(args: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    execFile('nvidia-smi', args, { timeout: PATIENCE_MS, killSignal: 'SIGKILL' }, (error, stdout) => {
      if (error) reject(new Error(firstLine(error), { cause: error }));
      else resolve(stdout.split('\n').filter((line) => line.trim() !== ''));
    });
  });
}

function queryOf(gpus: readonly GpuId[], fields: readonly string[]): string[] {
  return [`--id=${gpus.join(',')}`, `--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
}

/** null for what is not offered, which nvidia-smi writes as "[N/A]" or "[Not Supported]". */
function numberIn(text: string): number | null {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

function hasCounters(cards: readonly Card[]): boolean {
  return cards.every((card) => card.millijoules !== null);
}

function difference(before: readonly Card[], after: readonly Card[]): number | null {
  let millijoules = 0;
  for (const card of before) {
    const later = after.find((each) => each.index === card.index)?.millijoules ?? null;
    if (later === null || card.millijoules === null || later < card.millijoules) return null;
    millijoules += later - card.millijoules;
  }
  return millijoules / 1000;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1).join();
}
