import { defineConfig } from 'vitest/config';

// graphql 16 has no `exports` map: without the alias our files get its ESM build and the libraries its CommonJS build,
// and graphql refuses a schema "from another module or realm" (docs/adr/0002-toolchain.md).
export const graphqlAlias = [{ find: /^graphql$/, replacement: 'graphql/index.js' }];

/** What all runs of the tests have in common. */
export const onOneNeo4j = {
  setupFiles: ['reflect-metadata'],
  globalSetup: ['test/support/global-setup.ts'],
  // A machine may be ten times slower than ours: a test that hangs is told late, one that is slow never.
  testTimeout: 180_000,
  hookTimeout: 900_000,
  // Most of a test is waiting: for Neo4j, for programs, for engines. Two files at a time suit two cores.
  maxWorkers: 2,
  // Without it Node takes a part of what the machine has, and a worker on a small one dies over the answers of test/api/leak-hunt.
  execArgv: ['--max-old-space-size=4096'],
  // Each worker reads our modules once, not once for each file: half of its work otherwise.
  isolate: false,
  expect: { poll: { timeout: 60_000 } },
  reporters: ['default', './test/support/closing-reporter.ts'],
};

/** For a run of a few files. */
export const shortly = { ...onOneNeo4j, globalSetup: ['test/support/short-setup.ts'] };

/** What needs nothing but what the README asks for; test/engines and test/browser have configurations of their own. */
export default defineConfig({
  resolve: { alias: graphqlAlias },
  test: { ...onOneNeo4j, include: ['test/{unit,graph,api,contract}/**/*.test.ts'] },
});
