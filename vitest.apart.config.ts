import { defineConfig } from 'vitest/config';
import { graphqlAlias } from './vitest.config.js';
import { onEngines } from './vitest.engines.config.js';

/**
 * All that `npm test` leaves out on this line of Neo4j, in one run: they wait for programs most of the time, so three at a time suit
 * two cores, and one Neo4j plans for all of them. What `.ci/run` does; for a part of it there are commands of their own.
 */
export default defineConfig({
  resolve: { alias: graphqlAlias },
  test: { ...onEngines, maxWorkers: 3, include: ['test/{engines,producers,browser}/**/*.test.ts'] },
});
