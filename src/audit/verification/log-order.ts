import type { Hash } from '../sealing/merkle.js';

/** What came of the place of an entry: the hashes that now follow the tree in order, and what is wrong with the place. */
interface Placed {
  ready: readonly Hash[];
  wrong: 'doubled' | 'late' | null;
}

/**
 * Puts the entries of an export back into the order of their numbers, and knows which are missing. Only entries behind a
 * hole are kept, so an export in order costs nothing.
 */
export class LogOrder {
  /** The number that the tree wants next: before it, nothing is missing. */
  #next = 0;
  /** One more than the highest number seen. */
  #end = 0;
  readonly #waiting = new Map<number, Hash>();

  /** The number of the entry that stands highest; -1 before the first. */
  get highest(): number {
    return this.#end - 1;
  }

  place(seq: number, hash: Hash): Placed {
    if (seq < this.#next || this.#waiting.has(seq)) return { ready: [], wrong: 'doubled' };
    const wrong = seq < this.#end ? 'late' : null;
    this.#end = Math.max(this.#end, seq + 1);
    this.#waiting.set(seq, hash);
    return { ready: this.#follow(), wrong };
  }

  /** Ranges of numbers, both ends within, that are missing below the highest number seen. */
  missing(): { from: number; to: number }[] {
    const holes: { from: number; to: number }[] = [];
    let from = this.#next;
    for (const seq of [...this.#waiting.keys()].sort((a, b) => a - b)) {
      if (seq > from) holes.push({ from, to: seq - 1 });
      from = seq + 1;
    }
    return holes;
  }

  #follow(): Hash[] {
    const ready: Hash[] = [];
    for (let hash = this.#waiting.get(this.#next); hash !== undefined; hash = this.#waiting.get(this.#next)) {
      ready.push(hash);
      this.#waiting.delete(this.#next);
      this.#next += 1;
    }
    return ready;
  }
}
