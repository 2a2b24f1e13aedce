#!/usr/bin/env node
// `npx weft`: makes ready what is missing, as every npm script does, and runs the command. npm finds it by `bin` in
// package.json, before it would look for a package of that name anywhere else.
process.env.npm_lifecycle_event ??= 'npx';
await import('./setup.mjs');
if (process.exitCode === undefined) await import('../dist/cli/weft.js');
