/** One way to get an answer. */
export interface Candidate<Answer> {
  name: string;
  ask: () => Promise<Answer>;
}

/** In milliseconds, as who asked saw it. */
export interface Times {
  asked: number;
  p50: number;
  p95: number;
  p99: number;
}

export interface Rounds {
  /** Unmeasured, first. */
  warmUp: number;
  least: number;
  most: number;
  /** No further round begins after that. */
  seconds: number;
}

/**
 * Lets the candidates answer in turn, one at a time, so that what else the machine does meets all of them alike; who
 * begins changes with each round, because who comes later may meet the garbage of the one before. Answers the times by
 * name and what each answered last.
 */
export async function interleave<Answer>(
  candidates: readonly Candidate<Answer>[],
  rounds: Rounds,
): Promise<{ times: Map<string, Times>; answers: Map<string, Answer> }> {
  const measured = new Map(candidates.map(({ name }) => [name, [] as number[]]));
  const answers = new Map<string, Answer>();
  const began = performance.now();
  const isOver = (round: number): boolean =>
    round >= rounds.warmUp + rounds.least &&
    (round >= rounds.warmUp + rounds.most || performance.now() - began > rounds.seconds * 1000);
  for (let round = 0; !isOver(round); round++) {
    for (let turn = 0; turn < candidates.length; turn++) {
      const candidate = candidates[(round + turn) % candidates.length];
      if (!candidate) throw new Error('There is no such candidate.');
      const started = performance.now();
      answers.set(candidate.name, await candidate.ask());
      if (round >= rounds.warmUp) measured.get(candidate.name)?.push(performance.now() - started);
    }
  }
  return { times: new Map([...measured].map(([name, times]) => [name, summarise(times)])), answers };
}

function summarise(times: readonly number[]): Times {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN);
  return { asked: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export const round = (value: number): number => Math.round(value * 100) / 100;
