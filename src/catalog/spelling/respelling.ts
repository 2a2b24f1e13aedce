import type { EventListener } from '../../neo4j/event-listener.js';
import type { MigrationDatabase } from '../../neo4j/migrations/migration-database.js';
import { respelt } from './free-name.js';

const PORTION = 500;
const TELL_EVERY_MS = 5_000;

/** A name, with what one cannot see or tell apart written out. */
export const shown = (name: string): string =>
  JSON.stringify(name).replace(/[\p{M}\p{C}\p{Z}]/gu, (character) =>
    character === ' ' ? ' ' : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );

/** One going through all names of a graph: what it has changed, and what collided. */
export class Respelling {
  readonly collisions: string[] = [];
  private renamed = 0;
  private looked = 0;
  private toldAt = performance.now();

  constructor(
    private readonly graph: MigrationDatabase,
    private readonly onEvent: EventListener,
    readonly at: Date,
  ) {}

  /** The moment of all changes, as a parameter. */
  get now(): string {
    return this.at.toISOString();
  }

  async run<Row>(statement: string, p: Record<string, unknown>): Promise<Row[]> {
    return (await this.graph.run(statement, { p })) as Row[];
  }

  /** All rows of a statement that reads from `$p.after` on, by the member that rises. */
  async *portions<Row extends object>(statement: string, by: keyof Row & string): AsyncGenerator<Row[]> {
    let after: unknown = '';
    for (;;) {
      const rows = await this.run<Row>(statement, { after, portion: BigInt(PORTION) });
      if (rows.length > 0) yield rows;
      this.progress(rows.length);
      if (rows.length < PORTION) return;
      after = rows.at(-1)?.[by];
    }
  }

  /** Says of one that was renamed what it is called now, where that is more than another spelling of the same. */
  tell(what: string, before: string, name: string): void {
    this.renamed += 1;
    if (name === respelt(before, '')) return;
    const collision = `In the one spelling of names, ${what} would be called as another is, or by nothing: it is called ${shown(name)} now.`;
    this.collisions.push(collision);
    this.onEvent(collision, 'warn');
  }

  finish(): void {
    if (this.renamed === 0) return;
    this.onEvent(
      `${this.renamed} name(s) are in the one spelling now (composed Unicode, no blanks at the ends, nothing invisible); ${this.collisions.length} of them collided and were told.`,
      'info',
    );
  }

  private progress(rows: number): void {
    this.looked += rows;
    if (performance.now() - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = performance.now();
    this.onEvent(`The one spelling of names: ${this.looked} looked through.`, 'info');
  }
}
