import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** How large the factories are, ascending; the last one is asked all the questions, the others those of growth. */
  assets: number[];
  seed: number;
  /** Nodes of a page. */
  first: number;
  /** How long one question is asked by all in turn, at most. */
  seconds: number;
  fresh: boolean;
  /** Flags of the process of the server: --cpu-prof and the like. */
  serverFlags: string[];
}

/** What stands behind `npm run bench -- lineage`. Throws with what is wrong. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      assets: { type: 'string', default: '10000,100000,1000000' },
      seed: { type: 'string', default: '1' },
      first: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '8' },
      fresh: { type: 'boolean', default: false },
      'server-flags': { type: 'string', default: '' },
    },
  });
  const assets = values.assets.split(',').map((size) => whole('--assets', size, 10_000));
  return {
    assets: assets.sort((a, b) => a - b),
    seed: whole('--seed', values.seed, 1),
    first: whole('--first', values.first, 1),
    seconds: whole('--seconds', values.seconds, 1),
    fresh: values.fresh,
    serverFlags: values['server-flags'].split(' ').filter((flag) => flag !== ''),
  };
}

function whole(option: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < least) {
    throw new Error(`${option} is "${text}"; it must be a whole number from ${least} on.`);
  }
  return number;
}
