/**
 * The queue of a local launcher, kept in files, one ticket per waiting or running job, because no process is sure to live
 * as long as the queue does. A job that waits is its ticket and nothing else: a supervisor is started when its turn has
 * come. Whoever may have brought a turn about looks for it: who submits, who observes, and the supervisor whose program
 * has ended, so the queue goes on while the API is dead.
 *
 * Looking and taking are done under one lock, or two jobs would be given the same GPU. Who dies in between leaves
 * something that the next look understands: a ticket that says "granted" of a run without a claim still waits.
 */
import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../../disk/make-folder.js';
import { isAtWork } from '../run-folder/at-work.js';
import { DamagedFile } from '../files/damaged-file.js';
import { withLock } from '../files/file-lock.js';
import { createJson, readJson, writeJson } from '../files/json-file.js';
import { RunFolder, type RunOrder } from '../run-folder/run-folder.js';
import { putAside } from '../files/plain-file.js';
import { demandOf, grantFor, type Ticket, ticketSchema, turnsOf } from '../run-folder/slots.js';
import type { Supervision } from './supervision.js';
import type { ProcessIdentity } from '../machine/process-identity.js';
import type { Allocation } from '../run-folder/allocation.js';

/** How long those who observe, again and again, leave the queue alone after a look. */
const LOOK_AGAIN_MS = 1000;

export class LocalQueue {
  private readonly folder: string;
  private looking: Promise<void> | null = null;
  private lookingNext: Promise<void> | null = null;
  /** Forgetting it costs a look. */
  private lookAgainAt = 0;

  /** The directory is that of the runs. */
  constructor(
    private readonly directory: string,
    private readonly supervision: Supervision,
  ) {
    this.folder = join(directory, '.queue');
  }

  /** Gives the run its place, unless it has one, or is claimed already. */
  async enter(run: RunFolder): Promise<void> {
    if ((await readTicketFile(this.ticketPath(run))) !== null) return;
    const order = await run.readOrder();
    if (order === null || (await run.readClaim()) !== null) return;
    await makeFolder(this.folder);
    await createJson(this.ticketPath(run), ticketFor(run, order));
  }

  /** Frees the place, and what was granted with it. */
  async leave(run: RunFolder): Promise<void> {
    await rm(this.ticketPath(run), { force: true });
  }

  /** Starts the supervisors whose turn has come. Throws the system's error when one could not be started. */
  startTurns(): Promise<void> {
    if (this.looking === null) {
      this.looking = this.look().finally(() => (this.looking = null));
      return this.looking;
    }
    // A look that is under way may have passed what the caller changed. One more is enough for all who come meanwhile.
    this.lookingNext ??= this.looking
      .catch(() => undefined)
      .then(() => {
        this.lookingNext = null;
        return this.startTurns();
      });
    return this.lookingNext;
  }

  /** The same, but not at each call: for those who call again and again. */
  async startTurnsNowAndThen(): Promise<void> {
    if (performance.now() >= this.lookAgainAt) await this.startTurns();
  }

  /** Claims the run for its supervisor if its turn has come; null when it has not, or when the run is claimed already. */
  async take(run: RunFolder, order: RunOrder, owner: ProcessIdentity): Promise<Allocation | null> {
    return await this.alone(async () => {
      if ((await run.readClaim()) !== null) return null;
      const ticket = ticketFor(run, order);
      const others = (await this.readTickets()).filter((other) => other.run !== ticket.run);
      const granted = ticket.capacity && grantFor(ticket.run, [...others, ticket], ticket.capacity);
      if (granted === null) {
        await this.supervision.noteTooEarly(run);
        return null;
      }
      await writeJson(this.ticketPath(run), { ...ticket, granted });
      if (await createJson(run.claim, { owner })) return { ...granted, memoryBytes: ticket.memoryBytes || null };
      await this.leave(run);
      return null;
    });
  }

  private async look(): Promise<void> {
    await this.alone(async () => {
      const begun = performance.now();
      const failures: unknown[] = [];
      while (await this.startThoseNext(failures));
      const now = performance.now();
      this.lookAgainAt = now + Math.max(LOOK_AGAIN_MS, 20 * (now - begun));
      if (failures.length > 0) throw failures[0];
    });
  }

  /** Whether to look once more: a run was given up, so others move up. One that cannot be started does not hold up the rest. */
  private async startThoseNext(failures: unknown[]): Promise<boolean> {
    let movedUp = false;
    for (const name of turnsOf(await this.readTickets())) {
      try {
        movedUp = !(await this.supervision.resume(this.runNamed(name))) || movedUp;
      } catch (error) {
        failures.push(error);
      }
    }
    return movedUp;
  }

  /** The tickets that count, each as it counts; those that are nobody's any more are removed. */
  private async readTickets(): Promise<Ticket[]> {
    const names = (await readdir(this.folder)).filter((name) => name.endsWith('.json'));
    const tickets = await Promise.all(names.map((name) => this.readTicket(name)));
    return tickets.filter((ticket) => ticket !== null);
  }

  private async readTicket(name: string): Promise<Ticket | null> {
    const path = join(this.folder, name);
    const ticket = await readTicketFile(path);
    if (ticket === null) return null;
    const run = this.runNamed(ticket.run);
    const claimed = await isClaimed(run);
    // Its supervisor died before it had claimed the run, or none was started yet.
    if (!claimed && (await run.exists())) return { ...ticket, granted: null };
    if (claimed && (await isAtWork(run))) return ticket;
    await rm(path, { force: true });
    return null;
  }

  private async alone<T>(action: () => Promise<T>): Promise<T> {
    await makeFolder(this.folder);
    return await withLock(join(this.folder, 'lock'), action);
  }

  private runNamed(name: string): RunFolder {
    return new RunFolder(join(this.directory, name));
  }

  private ticketPath(run: RunFolder): string {
    return join(this.folder, `${basename(run.path)}.json`);
  }
}

/** One that was damaged is no place in the queue; who observes the run gives it a new one. */
async function readTicketFile(path: string): Promise<Ticket | null> {
  try {
    return await readJson(path, ticketSchema);
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    await putAside(path);
    return null;
  }
}

/** Also by a record that was damaged since: one job that has lost its records must not hold up the others. */
async function isClaimed(run: RunFolder): Promise<boolean> {
  try {
    return (await run.readClaim()) !== null;
  } catch (error) {
    if (error instanceof DamagedFile) return true;
    throw error;
  }
}

function ticketFor(run: RunFolder, { submittedAt, capacity, spec }: RunOrder): Ticket {
  const demand = demandOf(spec.resources, capacity);
  return { run: basename(run.path), submittedAt, ...demand, capacity, granted: null };
}
