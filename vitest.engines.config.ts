import { defineConfig } from 'vitest/config';
import { graphqlAlias, onOneNeo4j } from './vitest.config.js';

/** Tests on the real Slurm and the real Ray, apart from `npm test`, which runs where neither is installed. */
export default defineConfig({
  resolve: { alias: graphqlAlias },
  test: {
    ...onOneNeo4j,
    include: ['test/engines/**/*.test.ts'],
    globalSetup: ['test/support/engines-setup.ts', ...onOneNeo4j.globalSetup],
  },
});
