import { v4, v7 } from 'uuid';

/** A new opaque id: unique across kinds, stable for ever, and rising with time, so that an index over ids is in order of creation. */
export function newId(): string {
  return v7();
}

/** When an id was made; null: it is none of ours. */
export function timeOf(id: string): Date | null {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(id) ?? [];
  return high !== undefined && low !== undefined ? new Date(Number.parseInt(`${high}${low}`, 16)) : null;
}

/** The least id that could have been made at the time: ids made earlier sort before it, ids made later after it. */
export function idAt(time: Date): string {
  const hex = time.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** A new opaque id that tells nothing of when it was made, for what may be older than whoever reads it may know. */
export function randomId(): string {
  return v4();
}
