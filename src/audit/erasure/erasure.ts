import type { Detached } from '../record/log-entry.js';

/** A person who is to be forgotten: by what the log may know them. */
export interface ErasedPerson {
  id: string;
  /** Name, handle and address of mail, as far as they have them, and what they were called before. */
  words: readonly string[];
}

/** Of an entry, what decides which of its personal values are about someone. */
export interface EntryAboutSomeone {
  id: string;
  action: string;
  actorId: string | null;
  targetId: string;
  /** Their id stands somewhere in its body. */
  mentions: boolean;
  detached: Detached;
}

/** Texts of whoever did it: of somebody else when the person is only mentioned. */
const BY_THE_ACTOR = new Set(['/actorName', '/reason']);

/** The action under which the log has what an AUDITOR asked. */
export const READ_BY_AUDITOR = 'auditor:read';

/**
 * The personal values of an entry without those about the person: all of them where the person did it or it was done to
 * them; where they are mentioned, all but the texts of somebody else; anywhere, whatever names them. What an auditor read
 * has to be known after they are gone, and after whom they read of: of a question goes only what names the person.
 */
export function withoutPerson(entry: EntryAboutSomeone, person: ErasedPerson): Detached {
  const isQuestion = entry.action === READ_BY_AUDITOR;
  if (!isQuestion && (entry.actorId === person.id || entry.targetId === person.id)) return {};
  const isTheirs = (pointer: string): boolean =>
    isQuestion
      ? entry.actorId === person.id && BY_THE_ACTOR.has(pointer)
      : entry.mentions && !BY_THE_ACTOR.has(pointer);
  return Object.fromEntries(
    Object.entries(entry.detached).filter(([pointer, { value }]) => !names(person, value) && !isTheirs(pointer)),
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
