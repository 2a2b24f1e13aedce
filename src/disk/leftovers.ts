/**
 * What has no use any more and goes: the unfinished beside a file, the draft of a folder. A disk that takes nothing may not let
 * go of anything either, and whoever was kept from writing has more to tell than that: so it is remembered, and goes with the
 * next that is removed. What is left when the process ends has an end of name that says what it is.
 */
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';

/** So many are tried again with each; of more, the first are forgotten. */
const MOST_REMEMBERED = 50;
const remembered = new Set<string>();

/** Removes the file, or the folder with all in it, and what could not be removed before. Never throws. */
export async function discard(path: string): Promise<void> {
  for (const each of [path, ...remembered]) {
    const [removal] = await Promise.allSettled([rm(each, { recursive: true, force: true })]);
    settle(each, removal.status === 'fulfilled');
  }
}

/** As `discard`, in one step. */
export function discardSync(path: string): void {
  for (const each of [path, ...remembered]) settle(each, isRemoved(each));
}

function isRemoved(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    return false; // It is remembered.
  }
}

function settle(path: string, isGone: boolean): void {
  if (isGone) {
    remembered.delete(path);
    return;
  }
  remembered.add(path);
  const [first] = remembered;
  if (remembered.size > MOST_REMEMBERED && first !== undefined) remembered.delete(first);
}
