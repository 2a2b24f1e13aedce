import { defineConfig } from 'vitest/config';
import { graphqlAlias, shortly } from './vitest.config.js';

/** Tests of the graph and the API on the other line of Neo4j; scripts/other-neo4j.mjs finds a Java for it. */
export default defineConfig({
  resolve: { alias: graphqlAlias },
  test: { ...shortly, include: ['test/{graph,api,lines}/**/*.test.ts'] },
});
