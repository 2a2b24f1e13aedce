const TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,20}))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))?(?:\[[\w/+-]{1,60}\])?$/;

/**
 * A time as producers write it: to the nanosecond, with a zone or without one, which is UTC. What is finer than a millisecond is
 * cut off. null: it is no time.
 */
export function timeOf(written: string): Date | null {
  const found = TIME.exec(written);
  if (!found) return null;
  const part = (index: number): number => Number(found[index] ?? 0);
  const [year, month, day, hour, minute] = [part(1), part(2), part(3), part(4), part(5)];
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || part(6) > 60 || part(9) > 18 || part(10) > 59) return null;
  const milliseconds = Number((found[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const local = new Date(Date.UTC(2000, month - 1, day, hour, minute, 0));
  local.setUTCFullYear(year, month - 1, day);
  // The 31st of February is the 3rd of March to a Date.
  if (local.getUTCDate() !== day) return null;
  const offset = (found[8] === '-' ? -1 : 1) * (part(9) * 60 + part(10)) * 60_000;
  return new Date(local.getTime() - offset + part(6) * 1_000 + milliseconds);
}
