/**
 * Who may start next: a queue kept in files, one ticket per waiting or running job, because no process is sure to live as
 * long as the queue does. First come, first served: a job waiting for GPUs keeps later ones from taking them, while jobs
 * that need none may pass it.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { tryLock, unlock } from './file-lock.js';
import { readJson, writeJson } from './json-file.js';
import { RunFolder } from './local-run.js';
import { isAlive, processIdentitySchema, type ProcessIdentity } from './process-identity.js';

const POLL_MS = 200;
const LONGEST_POLL_MS = 5000;

const ticketSchema = z.object({
  run: z.string(),
  owner: processIdentitySchema,
  submittedAt: z.string(),
  gpus: z.number(),
  /** The GPUs given to the job, by index; null while it waits. */
  granted: z.array(z.number()).nullable(),
});
export type Ticket = z.infer<typeof ticketSchema>;

export interface Capacity {
  gpus: number;
  maxConcurrent: number;
}

/** The GPUs the run may take now, none for a job that asked for none; null when it has to wait. */
export function grantFor(run: string, tickets: readonly Ticket[], capacity: Capacity): number[] | null {
  const taken = tickets.flatMap((ticket) => ticket.granted ?? []);
  let slots = capacity.maxConcurrent - tickets.filter((ticket) => ticket.granted !== null).length;
  let gpus = Array.from({ length: capacity.gpus }, (_, index) => index).filter((index) => !taken.includes(index));
  for (const ticket of waitingInOrder(tickets)) {
    if (slots <= 0) return null;
    const fits = ticket.gpus <= gpus.length;
    if (ticket.run === run) return fits ? gpus.slice(0, ticket.gpus) : null;
    if (fits) slots -= 1;
    gpus = fits ? gpus.slice(ticket.gpus) : [];
  }
  return null;
}

/** When a program may start, and on which GPUs. */
export interface Turn {
  /** Waits for it; null as soon as it is no longer wanted. */
  wait(isWanted: () => Promise<boolean>): Promise<readonly (number | string)[] | null>;
  /** Gives back what it brought. */
  release(): Promise<void>;
}

/** A place in the queue of the launcher that owns the folder of the run. */
export class Slot implements Turn {
  private readonly queue: string;
  private readonly ticketPath: string;
  private ticket: Ticket;

  constructor(
    private readonly run: RunFolder,
    private readonly capacity: Capacity,
    demand: { owner: ProcessIdentity; submittedAt: string; gpus: number },
  ) {
    this.queue = join(run.path, '..', '.queue');
    this.ticketPath = join(this.queue, `${basename(run.path)}.json`);
    this.ticket = { run: basename(run.path), ...demand, granted: null };
  }

  /** Waits until the job may start and says on which GPUs; null as soon as it is no longer wanted. */
  async wait(isWanted: () => Promise<boolean>): Promise<number[] | null> {
    await mkdir(this.queue, { recursive: true, mode: 0o700 });
    await writeJson(this.ticketPath, this.ticket);
    while (await isWanted()) {
      const tickets = await this.readTickets();
      if (grantFor(this.ticket.run, tickets, this.capacity) !== null) {
        const granted = await this.take();
        if (granted !== null) return granted;
      }
      await delay(this.pollInterval(tickets));
    }
    return null;
  }

  async release(): Promise<void> {
    await rm(this.ticketPath, { force: true });
  }

  /** Reading the queue and taking from it must be one step, or two jobs would be given the same GPU. */
  private async take(): Promise<number[] | null> {
    const lock = join(this.queue, 'lock');
    if (!(await tryLock(lock, this.ticket.owner))) return null;
    try {
      const granted = grantFor(this.ticket.run, await this.readTickets(), this.capacity);
      if (granted === null) return null;
      this.ticket = { ...this.ticket, granted };
      await writeJson(this.ticketPath, this.ticket);
      return granted;
    } finally {
      await unlock(lock);
    }
  }

  /** A long queue looks less often at its far end, so that a hundred waiting jobs do not keep the disk busy. */
  private pollInterval(tickets: readonly Ticket[]): number {
    const ahead = waitingInOrder(tickets).findIndex((ticket) => ticket.run === this.ticket.run);
    return Math.min(POLL_MS * Math.max(1, ahead), LONGEST_POLL_MS) * (0.75 + Math.random() / 2);
  }

  private async readTickets(): Promise<Ticket[]> {
    const names = (await readdir(this.queue)).filter((name) => name.endsWith('.json'));
    const tickets: Ticket[] = [];
    for (const name of names) {
      const ticket = await readJson(join(this.queue, name), ticketSchema);
      if (ticket === null) continue;
      if (await this.isHeld(ticket)) tickets.push(ticket);
      // Its supervisor died without a verdict, and a supervisor never comes back: the ticket is nobody's.
      else await rm(join(this.queue, name), { force: true });
    }
    return tickets;
  }

  /** A program that outlived its supervisor still uses its GPUs. */
  private async isHeld(ticket: Ticket): Promise<boolean> {
    if (await isAlive(ticket.owner)) return true;
    const program = await new RunFolder(join(this.queue, '..', ticket.run)).readProgram();
    return program !== null && (await isAlive(program.identity));
  }
}

function waitingInOrder(tickets: readonly Ticket[]): Ticket[] {
  return tickets
    .filter((ticket) => ticket.granted === null)
    .sort((a, b) => (`${a.submittedAt} ${a.run}` < `${b.submittedAt} ${b.run}` ? -1 : 1));
}
