const MOST_KEPT = 1_000;

/**
 * Which searches had more hits of one score than are looked at, and of which score: what half of all assets hold is asked for again and again.
 * It is only where to look first; what is found there is held against the database each time.
 */
export class CrowdedSearches {
  private readonly floors = new Map<string, number>();

  /** The lowest score among the best thousand hits; null: not known. */
  floorOf(lucene: string): number | null {
    return this.floors.get(lucene) ?? null;
  }

  /** Of more than a thousand searches the oldest are forgotten. */
  keep(lucene: string, floor: number | null): void {
    this.floors.delete(lucene);
    if (floor !== null) this.floors.set(lucene, floor);
    for (const oldest of this.floors.keys()) if (this.floors.size > MOST_KEPT) this.floors.delete(oldest);
  }
}
