/**
 * The one spelling in which names are kept and looked for: names of assets, namespaces, fields, people and teams, versions,
 * environments, handles and tags. Two texts that look the same to everybody are the same name.
 */

/**
 * What is not seen and changes a name: control characters, the ends of lines, what turns the direction of writing, what has no
 * width (UAX 9, UAX 31: Default_Ignorable_Code_Point). What makes one emoji of several is let through between them (UTS 51).
 */
const INVISIBLE =
  /(?!(?<=\p{Emoji})\uFE0F|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic}))[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const ALL_INVISIBLE =
  /(?!(?<=\p{Emoji})\uFE0F|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic}))[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Composed as Unicode wants it (NFC), without blanks at the ends. */
export const spelt = (name: string): string => name.normalize('NFC').trim();

/** A tag: as a name, and without case. */
export const speltTag = (tag: string): string => spelt(spelt(tag).toLowerCase());

/** What is wrong with a name in its one spelling: it holds what nobody sees; null: nothing. Ends a sentence that names the place. */
export function invisibleIn(name: string): string | null {
  const found = INVISIBLE.exec(name);
  if (found === null) return null;
  const code = (name.codePointAt(found.index) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const place = [...name.slice(0, found.index)].length + 1;
  const kind = /\p{Cc}/u.test(found[0]) ? 'control' : 'invisible';
  return `has the ${kind} character U+${code} at place ${place}. Leave it out: a name must be what it looks like`;
}

/** The same name without what nobody sees: what a stored name becomes that was taken before such names were refused. */
export const withoutInvisible = (name: string): string => spelt(name.replace(ALL_INVISIBLE, ''));
