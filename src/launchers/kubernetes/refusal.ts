/** What the API server says of a request it does not carry out. */
import { z } from 'zod';
import { LauncherUnreachable } from '../port/launcher.js';

/** The cluster refused the request itself. Where nobody expects that, it tells no state either. */
export class KubernetesRefusal extends LauncherUnreachable {
  constructor(
    readonly status: number,
    /** "AlreadyExists" and the like; "" when it gave none. */
    readonly reason: string,
    message: string,
    /** Name of the object it tells of; null when it tells of none. */
    readonly subject: string | null,
  ) {
    super(message);
  }
}

const statusBody = z.object({
  kind: z.literal('Status'),
  message: z.string().default(''),
  reason: z.string().default(''),
  details: z.object({ name: z.string().optional() }).optional(),
});

interface Status {
  code: number;
  message: string;
  reason: string;
  subject: string | null;
}

/** What the API server says of a request it refused; null when the error is of another kind. */
export function statusOf(error: unknown): Status | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return null;
  const body = 'body' in error ? error.body : undefined;
  const parsed = statusBody.safeParse(typeof body === 'string' ? jsonOf(body) : body);
  if (!parsed.success) return { code: error.code, message: 'it says no more', reason: '', subject: null };
  const { message, reason, details } = parsed.data;
  return { code: error.code, message, reason, subject: details?.name ?? null };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
