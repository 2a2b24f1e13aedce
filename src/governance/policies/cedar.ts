import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs';

/**
 * The engine. What nests too deep breaks it within, and from then on it answers nothing more, whatever it is asked
 * (`memory access out of bounds`): so it is made anew whenever it throws, and whoever keeps something in it looks at
 * `generation`.
 */
const require = createRequire(import.meta.url);
const NAME = '@cedar-policy/cedar-wasm/nodejs';

/*
 * The V8 of Node 20 ends the process ("Fatal error: unreachable code") when a function is deoptimised while a call into WebAssembly, inlined
 * into it, is under way and answers a reference, as those of the engine do. What is not inlined is not hit; beside a decision it costs nothing.
 */
setFlagsFromString('--no-turbo-inline-js-wasm-calls');

let cedar = load();
let generation = 0;

/** The engine broke at what it was asked; it is made anew, and nothing was decided. */
export class CedarBroke extends Error {
  override readonly name = 'CedarBroke';
}

/** Asks the engine. Throws CedarBroke where it breaks: never an answer. */
export function askCedar<T>(ask: (engine: typeof CedarModule) => T): T {
  try {
    return ask(cedar);
  } catch (error) {
    generation += 1;
    cedar = load();
    throw new CedarBroke('The policy engine broke at this.', { cause: error });
  }
}

/** Another one: the engine was made anew, and knows nothing of what it was given before. */
export const cedarGeneration = (): number => generation;

/** As `cedar 4.13.0`. */
export const CEDAR = `cedar ${askCedar((engine) => engine.getCedarVersion())}`;

function load(): typeof CedarModule {
  Reflect.deleteProperty(require.cache, require.resolve(NAME));
  return require(NAME) as typeof CedarModule;
}
