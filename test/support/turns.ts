/** How often others had their turn while the work was done. */
export async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let goesOn = true;
  const others = (): void => {
    turns += 1;
    if (goesOn) setImmediate(others);
  };
  setImmediate(others);
  try {
    await work();
  } finally {
    goesOn = false;
  }
  return turns;
}
