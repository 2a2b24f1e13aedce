/** What goes to the database with one statement is put into bytes in one piece, and others wait meanwhile: so many rows of it. */
const ROWS_AT_ONCE = 2_000;

/** How much goes together. */
export interface Together<T> {
  items: number;
  /** With `weightOf`: what they weigh together. Absent: only their number counts. */
  weight?: number;
  weightOf?: (item: T) => number;
}

/** The items in their order, as many together as may be; one that is heavier than that goes alone. No items, no portions. */
export function portionsOf<T>(items: readonly T[], most: Together<T> = { items: ROWS_AT_ONCE }): T[][] {
  const { weight: heaviest = Infinity, weightOf = () => 0 } = most;
  const portions: T[][] = [];
  let weight = 0;
  for (const item of items) {
    const last = portions.at(-1);
    const more = weightOf(item);
    const fits = last !== undefined && last.length < most.items && weight + more <= heaviest;
    if (fits) last.push(item);
    else portions.push([item]);
    weight = fits ? weight + more : more;
  }
  return portions;
}
