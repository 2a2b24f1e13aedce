import { setTimeout as delay } from 'node:timers/promises';

/** A time that is later than all that was done, and earlier than all that will be: the database keeps milliseconds. */
export async function betweenWrites(): Promise<string> {
  await delay(5);
  const time = new Date().toISOString();
  await delay(5);
  return time;
}
