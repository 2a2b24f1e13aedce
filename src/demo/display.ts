/** What the person in front of the screen sees: one line a step, with what came of it and how long it took. */
export class Display {
  private number = 0;

  constructor(private readonly write: (text: string) => void) {}

  /** Runs a step; `work` gives what to say of its outcome. */
  async step<T>(title: string, work: () => Promise<{ value: T; note: string }>): Promise<T> {
    this.number += 1;
    const started = performance.now();
    this.write(`${String(this.number).padStart(2)}. ${title}\n`);
    const { value, note } = await work();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    this.write(`    ✔ ${note} (${seconds} s)\n`);
    return value;
  }

  /** Something within a step. */
  detail(text: string): void {
    this.write(`      ${text}\n`);
  }

  say(text = ''): void {
    this.write(`${text}\n`);
  }
}
