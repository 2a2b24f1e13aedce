/**
 * What the transactions of one request have left behind in the database, as its bookmarks: whoever waits for these sees
 * all that the request has written, or, when it wrote nothing, all that it has read.
 */
export class RequestBookmarks {
  private written: readonly string[] = [];
  private seen: readonly string[] = [];

  /** After a commit. Writes of a request come one after the other, but for those of a list: all are kept. */
  wrote(bookmarks: readonly string[]): void {
    this.written = [...new Set([...this.written, ...bookmarks])];
  }

  read(bookmarks: readonly string[]): void {
    this.seen = bookmarks;
  }

  /** What a later read has to wait for. Empty: the request has not met the database. */
  latest(): readonly string[] {
    return this.written.length > 0 ? this.written : this.seen;
  }
}
