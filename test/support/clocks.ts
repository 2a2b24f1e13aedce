/** A clock that tells another time each time it is looked at: what came first is seen by it, also within a millisecond. */
export function alwaysLater(): () => Date {
  let last = 0;
  return () => {
    last = Math.max(Date.now(), last + 1);
    return new Date(last);
  };
}
