import { withoutInvisible } from '../../spelling.js';

/** A name that was stored before names had one spelling, as it is from now on; `whenEmpty` where nothing of it can be seen. */
export const respelt = (stored: string, whenEmpty: string): string => withoutInvisible(stored) || whenEmpty;

/** The name, or the first of "name~2", "name~3" … that nobody has. */
export async function freeName(name: string, isTaken: (name: string) => Promise<boolean> | boolean): Promise<string> {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}~${number}`;
    if (!(await isTaken(candidate))) return candidate;
  }
}

/** The new name of each that is not called by its one spelling; those that are keep theirs, the first of the others comes before the rest. */
export async function renamedAmong<T extends { name: string; id: string }>(
  all: readonly T[],
  respell: (name: string) => string = (name) => respelt(name, 'unnamed'),
): Promise<Map<T, string>> {
  const taken = new Set(all.filter(({ name }) => respell(name) === name).map(({ name }) => name));
  const renamed = new Map<T, string>();
  for (const each of all) {
    if (taken.has(each.name) && respell(each.name) === each.name) continue;
    const name = await freeName(respell(each.name), (candidate) => taken.has(candidate));
    taken.add(name);
    renamed.set(each, name);
  }
  return renamed;
}
