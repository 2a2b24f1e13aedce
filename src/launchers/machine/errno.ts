import { errnoName } from '../../disk/disk-fault.js';

/** Whether the error is a system error with one of these codes, "ENOENT" for one. */
export function hasErrno(error: unknown, ...codes: string[]): boolean {
  return codes.includes(errnoName(error) ?? '');
}

/** What an unknown thrown thing says of itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
