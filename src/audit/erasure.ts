import type { Detached } from './log-entry.js';

/** A person who is to be forgotten: by what the log may know them. */
export interface ErasedPerson {
  id: string;
  /** Name, handle and address of mail, as far as they have them. */
  words: readonly string[];
}

/** Of an entry, what decides which of its personal values are about someone. */
export interface EntryAboutSomeone {
  id: string;
  actorId: string | null;
  targetId: string;
  /** Their id stands somewhere in its body. */
  mentions: boolean;
  detached: Detached;
}

/** Texts of whoever did it: of somebody else when the person is only mentioned. */
const BY_THE_ACTOR = new Set(['/actorName', '/reason']);

/**
 * The personal values of an entry without those about the person: all of them where the person did it or it was done to
 * them; where they are mentioned, all but the texts of somebody else; anywhere, whatever names them.
 */
export function withoutPerson(entry: EntryAboutSomeone, person: ErasedPerson): Detached {
  if (entry.actorId === person.id || entry.targetId === person.id) return {};
  return Object.fromEntries(
    Object.entries(entry.detached).filter(
      ([pointer, { value }]) => !names(person, value) && !(entry.mentions && !BY_THE_ACTOR.has(pointer)),
    ),
  );
}

/** Whether the value, or a text within it, names the person as whole words. */
export function names(person: Pick<ErasedPerson, 'words'>, value: unknown): boolean {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return person.words.some((word) =>
    new RegExp(`(?<![\\p{L}\\p{N}])${escaped(word)}(?![\\p{L}\\p{N}])`, 'iu').test(text),
  );
}

const escaped = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
