import { defineConfig } from 'vitest/config';

// graphql 16 has no `exports` map: without the alias our files get its ESM build and the libraries its CommonJS build,
// and graphql refuses a schema "from another module or realm" (docs/adr/0002-toolchain.md).
export const graphqlAlias = [{ find: /^graphql$/, replacement: 'graphql/index.js' }];

export default defineConfig({
  resolve: { alias: graphqlAlias },
  test: {
    include: ['test/{unit,graph,api,contract}/**/*.test.ts'],
    setupFiles: ['reflect-metadata'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
