import { defineConfig } from 'vitest/config';
import { graphqlAlias, shortly } from './vitest.config.js';

/** Tests that need Chromium, apart from `npm test`, which runs where there is none. */
export default defineConfig({
  resolve: { alias: graphqlAlias },
  test: { ...shortly, include: ['test/browser/**/*.browser.test.ts'] },
});
