/**
 * Who may start next at a local launcher, and on what. First come, first served: a job waiting for GPUs keeps later ones
 * from taking them, while jobs that need none may pass it.
 */
import { z } from 'zod';

export const capacitySchema = z.object({ gpus: z.number(), maxConcurrent: z.number() });

/** What a launcher has to give. */
export type Capacity = z.infer<typeof capacitySchema>;

export const ticketSchema = z.object({
  run: z.string(),
  submittedAt: z.string(),
  gpus: z.number(),
  /** What the launcher had when the job was submitted. Null in tickets that supervisors of before wait with themselves. */
  capacity: capacitySchema.nullable().default(null),
  /** The GPUs given to the job, by index; null while it waits. */
  granted: z.array(z.number()).nullable(),
});

/** The place of a job in the queue, from its order to the end of its program. */
export type Ticket = z.infer<typeof ticketSchema>;

/** The runs that may start now, were they to start in their order. */
export function turnsOf(tickets: readonly Ticket[]): string[] {
  return waitingInOrder(tickets)
    .filter(({ run, capacity }) => capacity !== null && grantFor(run, tickets, capacity) !== null)
    .map(({ run }) => run);
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

function waitingInOrder(tickets: readonly Ticket[]): Ticket[] {
  return tickets
    .filter((ticket) => ticket.granted === null)
    .sort((a, b) => (`${a.submittedAt} ${a.run}` < `${b.submittedAt} ${b.run}` ? -1 : 1));
}
