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

/**
 * The new name of each that is not called by its one spelling; those that are keep theirs, and of the others the first comes before the
 * rest. Names of one key are one.
 */
export async function renamedAmong<T extends { name: string; id: string }>(
  all: readonly T[],
  keyOf: (name: string) => string = (name) => name,
): Promise<Map<T, string>> {
  const isRight = ({ name }: T): boolean => respelt(name, 'unnamed') === name;
  const taken = new Set(all.filter(isRight).map(({ name }) => keyOf(name)));
  const renamed = new Map<T, string>();
  for (const each of all) {
    if (isRight(each)) continue;
    const name = await freeName(respelt(each.name, 'unnamed'), (candidate) => taken.has(keyOf(candidate)));
    taken.add(keyOf(name));
    renamed.set(each, name);
  }
  return renamed;
}
