import { defineConfig } from 'vitest/config';
import { graphqlAlias } from './vitest.config.js';

/** Tests that need Chromium. They bring a server of their own. */
export default defineConfig({
  resolve: { alias: graphqlAlias },
  test: {
    include: ['test/browser/**/*.browser.test.ts'],
    setupFiles: ['reflect-metadata'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
