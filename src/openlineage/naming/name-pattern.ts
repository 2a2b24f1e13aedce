/**
 * Patterns of names: `{host}` stands for one or more characters other than `/` and `:`, `{rest*}` for any, and all else for itself. Each
 * takes as little as it can, and the last one what is left. A name is read once from its front to its end: nothing is tried twice.
 */

interface Placeholder {
  name: string;
  /** It takes `/` and `:` as well. */
  takesAll: boolean;
}

/** Texts and what stands between them, in turns: a text more than there are placeholders. */
export interface NamePattern {
  texts: readonly string[];
  placeholders: readonly Placeholder[];
}

type Filled = ReadonlyMap<string, string>;

const PLACEHOLDER = /\{([A-Za-z]\w{0,29})(\*?)\}/g;
const MOST_PLACEHOLDERS = 10;

/** The pattern that is written so; a sentence that says what is wrong with it, as text. */
export function namePattern(written: string): NamePattern | string {
  const texts: string[] = [];
  const placeholders: Placeholder[] = [];
  let at = 0;
  for (const found of written.matchAll(PLACEHOLDER)) {
    texts.push(written.slice(at, found.index));
    placeholders.push({ name: found[1] ?? '', takesAll: found[2] === '*' });
    at = found.index + found[0].length;
  }
  texts.push(written.slice(at));
  if (texts.some((text) => /[{}]/.test(text)))
    return 'has a "{" or "}" that belongs to no placeholder; these are written as {host} or {rest*}';
  if (placeholders.length > MOST_PLACEHOLDERS) return `has more than ${MOST_PLACEHOLDERS} placeholders`;
  if (texts.slice(1, -1).includes('')) return 'has two placeholders without anything between them';
  return { texts, placeholders };
}

/** What stands for each placeholder; null: the name is not as the pattern says. */
export function matchName({ texts, placeholders }: NamePattern, name: string): Filled | null {
  const [first = ''] = texts;
  if (placeholders.length === 0) return name === first ? new Map() : null;
  const last = texts.at(-1) ?? '';
  if (!name.startsWith(first) || !name.endsWith(last)) return null;
  const filled = new Map<string, string>();
  let at = first.length;
  for (const [index, placeholder] of placeholders.entries()) {
    const isLast = index === placeholders.length - 1;
    const end = isLast ? name.length - last.length : name.indexOf(texts[index + 1] ?? '', at + 1);
    const taken = end > at ? name.slice(at, end) : '';
    if (taken === '' || (!placeholder.takesAll && /[/:]/.test(taken))) return null;
    filled.set(placeholder.name, taken);
    at = end + (texts[index + 1]?.length ?? 0);
  }
  return filled;
}

/** The name that the pattern says, with what stands for its placeholders. */
export function writeName({ texts, placeholders }: NamePattern, filled: Filled): string {
  return placeholders.reduce(
    (name, placeholder, index) => name + (filled.get(placeholder.name) ?? '') + (texts[index + 1] ?? ''),
    texts[0] ?? '',
  );
}
