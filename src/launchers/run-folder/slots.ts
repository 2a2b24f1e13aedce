/**
 * Who may start next at a local launcher, and on what. First come, first served: a job that waits keeps later ones from
 * taking of what it asked for, while jobs that ask for none of that may pass it.
 */
import { z } from 'zod';
import type { JobSpec } from '../port/launcher.js';

export const capacitySchema = z.object({
  /** Given out by index from 0. */
  gpus: z.number(),
  maxConcurrent: z.number(),
  /** Given out by index, of which these may be used; null in orders from before CPUs were given out. */
  cpus: z.array(z.number()).nullable().default(null),
  /** Shared out in bytes; null in orders from before memory was shared out. */
  memoryBytes: z.number().nullable().default(null),
});

/** What a launcher has to give. */
export type Capacity = z.infer<typeof capacitySchema>;

const grantSchema = z.object({ gpus: z.array(z.number()), cpus: z.array(z.number()) });

/** What a job was given, by index. */
export type LocalGrant = z.infer<typeof grantSchema>;

export const ticketSchema = z.object({
  run: z.string(),
  submittedAt: z.string(),
  gpus: z.number(),
  cpus: z.number().default(0),
  memoryBytes: z.number().default(0),
  /** What the launcher had when the job was submitted. Null in tickets that supervisors of before wait with themselves. */
  capacity: capacitySchema.nullable().default(null),
  /** Null while the job waits. Before CPUs were given out it was the GPUs alone. */
  granted: z.union([grantSchema, z.array(z.number()).transform((gpus): LocalGrant => ({ gpus, cpus: [] }))]).nullable(),
});

/** The place of a job in the queue, from its order to the end of its program. */
export type Ticket = z.infer<typeof ticketSchema>;

export interface Demand {
  gpus: number;
  cpus: number;
  memoryBytes: number;
}

/** What a job asks of a local launcher: whole CPUs; 0 of what it does not name, or the launcher does not give out. */
export function demandOf({ gpus, cpus, memoryBytes }: JobSpec['resources'], capacity: Capacity | null): Demand {
  return {
    gpus,
    cpus: capacity?.cpus ? Math.ceil(cpus ?? 0) : 0,
    memoryBytes: capacity?.memoryBytes == null ? 0 : (memoryBytes ?? 0),
  };
}

/** The runs that may start now, were they to start in their order. */
export function turnsOf(tickets: readonly Ticket[]): string[] {
  return waitingInOrder(tickets)
    .filter(({ run, capacity }) => capacity !== null && grantFor(run, tickets, capacity) !== null)
    .map(({ run }) => run);
}

/** What the run may take now, nothing of what it did not ask for; null when it has to wait. */
export function grantFor(run: string, tickets: readonly Ticket[], capacity: Capacity): LocalGrant | null {
  const free = freeOf(capacity, tickets);
  for (const ticket of waitingInOrder(tickets)) {
    if (free.slots <= 0) return null;
    const granted = take(ticket, free);
    if (ticket.run === run) return granted;
  }
  return null;
}

interface Free extends LocalGrant {
  /** Programs that may be started. */
  slots: number;
  memoryBytes: number;
}

function freeOf(capacity: Capacity, tickets: readonly Ticket[]): Free {
  const running = tickets.filter(({ granted }) => granted !== null);
  const given = running.flatMap(({ granted }) => granted ?? []);
  const taken = { gpus: given.flatMap(({ gpus }) => gpus), cpus: given.flatMap(({ cpus }) => cpus) };
  const gpus = Array.from({ length: capacity.gpus }, (_, index) => index);
  return {
    slots: capacity.maxConcurrent - running.length,
    gpus: gpus.filter((index) => !taken.gpus.includes(index)),
    cpus: (capacity.cpus ?? []).filter((index) => !taken.cpus.includes(index)),
    memoryBytes: running.reduce((left, { memoryBytes }) => left - memoryBytes, capacity.memoryBytes ?? 0),
  };
}

/** Takes what the ticket asks for of what is free; null, and nothing of that is left for later ones, when it is too little. */
function take(ticket: Ticket, free: Free): LocalGrant | null {
  if (fits(ticket, free)) {
    free.slots -= 1;
    free.memoryBytes -= ticket.memoryBytes;
    return { gpus: free.gpus.splice(0, ticket.gpus), cpus: free.cpus.splice(0, ticket.cpus) };
  }
  if (ticket.gpus > 0) free.gpus = [];
  if (ticket.cpus > 0) free.cpus = [];
  if (ticket.memoryBytes > 0) free.memoryBytes = 0;
  return null;
}

/** A job that asks for no memory fits where all is taken, and where more is taken than there is. */
function fits({ gpus, cpus, memoryBytes }: Demand, free: Free): boolean {
  if (gpus > free.gpus.length || cpus > free.cpus.length) return false;
  return memoryBytes === 0 || memoryBytes <= free.memoryBytes;
}

function waitingInOrder(tickets: readonly Ticket[]): Ticket[] {
  return tickets
    .filter((ticket) => ticket.granted === null)
    .sort((a, b) => (`${a.submittedAt} ${a.run}` < `${b.submittedAt} ${b.run}` ? -1 : 1));
}
