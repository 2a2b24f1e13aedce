import { fileURLToPath } from 'node:url';
import type { PinRow } from './job.repository.js';
import type { InputPin } from '../../launchers/port/launcher.js';

/** An input as its program is told of it. */
export function toPin({ assetId: _, ...pin }: PinRow): InputPin {
  return { ...pin, path: pathOf(pin.uri) };
}

/** The path of a file: URI; null for every other, and for one that is no path of this machine, such as file://elsewhere/data. */
function pathOf(uri: string | null): string | null {
  if (!uri?.startsWith('file:') || !URL.canParse(uri)) return null;
  const { hostname, pathname } = new URL(uri);
  return hostname !== '' || /%2f/i.test(pathname) ? null : fileURLToPath(uri);
}
