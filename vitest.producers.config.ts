import { defineConfig } from 'vitest/config';
import { graphqlAlias, shortly } from './vitest.config.js';

/** Tests with the real producers of lineage, which `.ci/install-producers` puts beside the repository. */
export default defineConfig({
  resolve: { alias: graphqlAlias },
  test: { ...shortly, include: ['test/producers/**/*.test.ts'] },
});
