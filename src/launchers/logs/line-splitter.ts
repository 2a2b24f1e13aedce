const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/**
 * Cuts a stream of bytes into lines; a line longer than the limit comes in pieces, never cut inside a UTF-8 character. What follows a
 * carriage return overwrites what stood before it, as on a terminal: of a progress bar the newest state is kept.
 */
export class LineSplitter {
  private rest: Buffer = Buffer.alloc(0);
  private isOverwritten = false;

  constructor(private readonly longest: number) {}

  /** The lines this chunk completes, without their line ends. They may share the chunk's memory. */
  push(chunk: Buffer): Buffer[] {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const lines: Buffer[] = [];
    let start = 0;
    for (;;) {
      const newline = data.indexOf(NEWLINE, start);
      const end = newline === -1 ? data.length : newline;
      const newest = newestFrom(data, start, end);
      this.isOverwritten =
        newline === -1 && (this.isOverwritten || newest > start || data[end - 1] === CARRIAGE_RETURN);
      start = newest;
      while (end - start > this.longest) {
        const cut = characterStart(data, start + this.longest);
        lines.push(data.subarray(start, cut));
        start = cut;
      }
      if (newline === -1) break;
      lines.push(data.subarray(start, withoutReturns(data, start, newline)));
      start = newline + 1;
    }
    // A copy: a slice would keep the whole chunk in memory.
    this.rest = Buffer.from(data.subarray(start));
    return lines;
  }

  /** What a line that is overwritten, and has not ended, says now; null when none is. */
  state(): Buffer | null {
    const end = this.isOverwritten ? withoutReturns(this.rest, 0, this.rest.length) : 0;
    return end === 0 ? null : Buffer.from(this.rest.subarray(0, end));
  }

  /** The last line when the stream ended without a line end; null when nothing is left. */
  flush(): Buffer | null {
    const end = withoutReturns(this.rest, 0, this.rest.length);
    const last = end === 0 ? null : this.rest.subarray(0, end);
    this.isOverwritten = false;
    this.rest = Buffer.alloc(0);
    return last;
  }
}

/** Where what is left to see of a line begins, of which the returns at its end go back over nothing yet. */
function newestFrom(data: Buffer, start: number, end: number): number {
  const seen = withoutReturns(data, start, end);
  const back = seen > start ? data.lastIndexOf(CARRIAGE_RETURN, seen - 1) : -1;
  return back >= start ? back + 1 : start;
}

function withoutReturns(data: Buffer, start: number, end: number): number {
  let last = end;
  while (last > start && data[last - 1] === CARRIAGE_RETURN) last -= 1;
  return last;
}

function characterStart(data: Buffer, at: number): number {
  for (let back = 0; back < 4; back += 1) {
    const byte = data[at - back];
    if (byte !== undefined && (byte & 0xc0) !== 0x80) return at - back;
  }
  return at; // Not UTF-8: any place is as good.
}
