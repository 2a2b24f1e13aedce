/**
 * The spelling by which handles and names of teams and service accounts are told apart: two that differ in case or in how their
 * letters are written (`Straße`, `STRASSE`; composed, full width) are one. Not for display, and not for telling who looks alike.
 */
export function foldCase(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}

/** The same in Cypher, of an expression; V021 has it too. */
export const foldedInCypher = (text: string): string =>
  `normalize(replace(toLower(toUpper(normalize(${text}, NFKC))), 'ς', 'σ'), NFKC)`;
