/**
 * How much of what programs say of themselves is kept of a job: the last value of each metric, of so many names, so long,
 * and so large together. A program that says more goes on; what is left out is told, once.
 */
import { checkJson, JSON_LIMITS } from '../../json/limits.js';

export const METRIC_LIMITS = { names: 1_000, nameCharacters: 200, bytes: JSON_LIMITS.maxBytes };

/** Of the document around the values, and of the numbers, which are counted as the longest there are. */
const FRAME_BYTES = 2;
const NUMBER_BYTES = 24;

/** Why the metrics of a job cannot be these; null when they can. */
export function whyNotKept(metrics: Readonly<Record<string, unknown>>): string | null {
  const kept = new KeptMetrics();
  for (const [name, value] of Object.entries(metrics)) kept.set(name, value);
  return kept.note;
}

/** Gathers the metrics of a job: those set first are kept first. */
export class KeptMetrics {
  private readonly values = new Map<string, { value: unknown; bytes: number; entries: number }>();
  private bytes = FRAME_BYTES;
  private entries = 0;
  private readonly reasons = new Set<string>();

  constructor(before: Readonly<Record<string, unknown>> = {}) {
    for (const [name, value] of Object.entries(before)) this.set(name, value);
  }

  /** Keeps the value under the name, in the place of an earlier one, if there is room for it. */
  set(name: string, value: unknown): void {
    const why = this.whyNot(name, value);
    if (why !== null) this.reasons.add(why);
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** What was left out, for people; null: nothing was. */
  get note(): string | null {
    return this.reasons.size === 0 ? null : `Not all metrics were kept: ${[...this.reasons].join('; ')}.`;
  }

  toObject(): Record<string, unknown> {
    return Object.fromEntries([...this.values].map(([name, { value }]) => [name, value]));
  }

  private whyNot(name: string, value: unknown): string | null {
    if ([...name].length > METRIC_LIMITS.nameCharacters)
      return `a name may have ${METRIC_LIMITS.nameCharacters} characters`;
    const before = this.values.get(name);
    if (!before && this.values.size >= METRIC_LIMITS.names) return `a job may have ${METRIC_LIMITS.names} names`;
    const fault = typeof value === 'number' && Number.isFinite(value) ? null : checkJson({ [name]: value });
    if (fault !== null) return `one ${fault}`;
    const bytes = Buffer.byteLength(JSON.stringify(name)) + FRAME_BYTES + bytesOf(value);
    const entries = 1 + entriesIn(value);
    const [allBytes, allEntries] = [
      this.bytes + bytes - (before?.bytes ?? 0),
      this.entries + entries - (before?.entries ?? 0),
    ];
    if (allBytes > METRIC_LIMITS.bytes) return `together they may have ${METRIC_LIMITS.bytes} bytes, written as JSON`;
    if (allEntries > JSON_LIMITS.maxEntries) return `together they may hold ${JSON_LIMITS.maxEntries} values`;
    [this.bytes, this.entries] = [allBytes, allEntries];
    this.values.set(name, { value, bytes, entries });
    return null;
  }
}

function bytesOf(value: unknown): number {
  return typeof value === 'number' ? NUMBER_BYTES : Buffer.byteLength(JSON.stringify(value));
}

/** Keys and items within the value, which was found not to be deep. */
function entriesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, inner) => sum + 1 + entriesIn(inner), 0);
}
