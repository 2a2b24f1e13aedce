/**
 * Somebody who asks a server while it is attacked, and how long the server lets them wait.
 *
 * Time goes by for reasons that are none of the server's: other programs have the processor, Neo4j collects its garbage, the
 * test itself is late to read the answer. So that neither a busy machine makes a server slow nor a quick one hides it:
 *
 * - While the bystander waits, a control asks Neo4j itself for nothing, one statement after the other, from the same process
 *   as the bystander. Its longest round trip is what Neo4j, the test and the machine made whoever asked then wait.
 * - The system counts how long the thread of the server was ready to run and had no processor.
 *
 * What is left of the wait without these two is the server's own, that its loop was held up by another's request, that it
 * queued for a connection, that it collected its own garbage; or that Neo4j took long over the statements of this very question,
 * planning anew or committing, which the control does not send. So a single long wait says nothing yet: of the loop,
 * `ServerProcess.longestTurn` tells, and who queues for connections waits often.
 */
import { readFileSync } from 'node:fs';
import neo4j, { type Driver } from 'neo4j-driver';
import type { Client } from './client.js';

export class Bystander {
  /** What went wrong for them, each in words. */
  readonly faults: string[] = [];
  asks = 0;

  constructor(
    private readonly client: Client,
    private readonly control: Driver,
    private readonly serverPid: number,
  ) {}

  /** Asks once: the milliseconds that are left. A wrong answer is kept in `faults`. */
  async wait(): Promise<number> {
    this.asks += 1;
    const delayed = delayOf(this.serverPid);
    const began = performance.now();
    const answered = this.ask().then(() => performance.now() - began);
    const [waited, elsewhere] = await Promise.all([answered, this.longestOfControl(answered)]);
    return Math.max(0, waited - elsewhere - (delayOf(this.serverPid) - delayed));
  }

  private async ask(): Promise<void> {
    try {
      const { viewer } = await this.client.data<{ viewer: { id: string } }>('{ viewer { id } }');
      if (viewer.id !== this.client.userId) this.faults.push(`Was told to be ${viewer.id}.`);
    } catch (error) {
      this.faults.push(String(error));
    }
  }

  private async longestOfControl(end: Promise<unknown>): Promise<number> {
    const over = new AbortController();
    void end.then(() => over.abort());
    const session = this.control.session({ defaultAccessMode: neo4j.session.READ });
    let longest = 0;
    try {
      while (!over.signal.aborted) {
        const began = performance.now();
        await session.run('// test.control\nRETURN 1 AS one');
        longest = Math.max(longest, performance.now() - began);
      }
    } finally {
      await session.close();
    }
    return longest;
  }
}

/** Milliseconds that the main thread of a process was ready and had no processor; 0 where the system does not count them. */
function delayOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}
