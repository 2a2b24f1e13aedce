const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** Cuts a stream of bytes into lines; a line longer than the limit comes in pieces, never cut inside a UTF-8 character. */
export class LineSplitter {
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly longest: number) {}

  /** The lines this chunk completes, without their line ends. They may share the chunk's memory. */
  push(chunk: Buffer): Buffer[] {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const lines: Buffer[] = [];
    let start = 0;
    for (;;) {
      const newline = data.indexOf(NEWLINE, start);
      const end = newline === -1 ? data.length : newline;
      while (end - start > this.longest) {
        const cut = characterStart(data, start + this.longest);
        lines.push(data.subarray(start, cut));
        start = cut;
      }
      if (newline === -1) break;
      lines.push(
        data.subarray(start, data[newline - 1] === CARRIAGE_RETURN && newline > start ? newline - 1 : newline),
      );
      start = newline + 1;
    }
    // A copy: a slice would keep the whole chunk in memory.
    this.rest = Buffer.from(data.subarray(start));
    return lines;
  }

  /** The last line when the stream ended without a line end; null when nothing is left. */
  flush(): Buffer | null {
    const last = this.rest.length === 0 ? null : this.rest;
    this.rest = Buffer.alloc(0);
    return last;
  }
}

function characterStart(data: Buffer, at: number): number {
  for (let back = 0; back < 4; back += 1) {
    const byte = data[at - back];
    if (byte !== undefined && (byte & 0xc0) !== 0x80) return at - back;
  }
  return at; // Not UTF-8: any place is as good.
}
