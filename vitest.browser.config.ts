import { defineConfig } from 'vitest/config';
import { graphqlAlias } from './vitest.config.js';

/** Tests that need Chromium, apart from `npm test`, which runs where there is none. */
export default defineConfig({
  resolve: { alias: graphqlAlias },
  test: {
    include: ['test/browser/**/*.browser.test.ts'],
    setupFiles: ['reflect-metadata'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
