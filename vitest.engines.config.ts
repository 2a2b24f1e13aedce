import { defineConfig } from 'vitest/config';
import { graphqlAlias, shortly } from './vitest.config.js';

/** For a run with engines: says what the machine lacks, before its first test. */
export const onEngines = { ...shortly, globalSetup: ['test/support/engines-setup.ts', ...shortly.globalSetup] };

/** Tests on the real Slurm and the real Ray, apart from `npm test`, which runs where neither is installed. */
export default defineConfig({
  resolve: { alias: graphqlAlias },
  test: { ...onEngines, include: ['test/engines/**/*.test.ts'] },
});
