import { v7 } from 'uuid';

/** A new opaque id: unique across kinds, stable for ever, and rising with time, so that an index over ids is in order of creation. */
export function newId(): string {
  return v7();
}
