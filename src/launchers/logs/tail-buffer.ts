interface Chunk<Source> {
  source: Source;
  at: Date;
  bytes: Buffer;
}

/** Chunks of this size are gathered before they are kept, so that a program writing single bytes costs no more than one writing pages. */
const GATHER_BYTES = 4096;

/** The last bytes of several streams, in the order they came; what no longer fits is counted and forgotten. */
export class TailBuffer<Source> {
  droppedBytes = 0;
  private kept: Chunk<Source>[] = [];
  private keptBytes = 0;

  constructor(private readonly limitBytes: number) {}

  get chunks(): readonly Readonly<Chunk<Source>>[] {
    return this.kept;
  }

  push(source: Source, bytes: Buffer): void {
    const newest = this.kept.at(-1);
    if (newest?.source === source && newest.bytes.length + bytes.length <= GATHER_BYTES) {
      newest.bytes = Buffer.concat([newest.bytes, bytes]);
    } else {
      // A copy: a slice would keep memory it does not show.
      this.kept.push({ source, at: new Date(), bytes: Buffer.from(bytes.subarray(-this.limitBytes)) });
      this.droppedBytes += Math.max(0, bytes.length - this.limitBytes);
    }
    this.keptBytes += Math.min(bytes.length, this.limitBytes);
    this.trim();
  }

  private trim(): void {
    while (this.keptBytes > this.limitBytes) {
      const oldest = this.kept[0];
      if (oldest === undefined) return;
      const excess = Math.min(this.keptBytes - this.limitBytes, oldest.bytes.length);
      oldest.bytes = oldest.bytes.subarray(excess);
      if (oldest.bytes.length === 0) this.kept.shift();
      this.keptBytes -= excess;
      this.droppedBytes += excess;
    }
  }
}
