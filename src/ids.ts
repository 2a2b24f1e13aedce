import { v4, v7 } from 'uuid';

/** A new opaque id: unique across kinds, stable for ever, and rising with time, so that an index over ids is in order of creation. */
export function newId(): string {
  return v7();
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
