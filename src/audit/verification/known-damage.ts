/** Numbers of entries, both ends within. */
export interface NumberRange {
  from: number;
  to: number;
}

/** Whether somebody has looked into the damage of this entry and said so in the settings. */
export function isKnown(known: readonly NumberRange[], seq: number): boolean {
  return known.some(({ from, to }) => seq >= from && seq <= to);
}
