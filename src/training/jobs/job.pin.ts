import { readLocation } from '../../disk/location.js';
import type { PinRow } from './job.repository.js';
import type { InputPin } from '../../launchers/port/launcher.js';

/** An input as its program is told of it. */
export function toPin({ assetId: _, ...pin }: PinRow): InputPin {
  return { ...pin, path: pathOf(pin.uri) };
}

/** The path of what lies on this machine; null for every other, and for what is no location, as was once taken. */
function pathOf(uri: string | null): string | null {
  const location = uri === null ? null : readLocation(uri);
  return location && 'path' in location ? location.path : null;
}
