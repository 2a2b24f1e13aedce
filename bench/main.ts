// As the server is run; set before graphql is loaded, which then leaves out checks for developers.
process.env['NODE_ENV'] ??= 'production';

/** Each prints what it measured, and answers the file it kept it in. */
const BENCHES: Readonly<Record<string, () => Promise<string>>> = {
  smoke: async () => (await import('./smoke.js')).benchSmoke(),
  // What ownership costs: the log of each write, and the rules of each read.
  writes: async () =>
    `${await (await import('./writes.js')).benchWrites()} and ${await (await import('./shield.js')).benchShield()}`,
  shield: async () => (await import('./shield.js')).benchShield(),
  // What the first to ask after a start waits for.
  cold: async () => (await import('./cold.js')).benchCold(),
  launch: async () => (await import('./launch.js')).benchLaunch(),
  // These take arguments of their own: bench/README.md.
  search: async () => (await import('./search.js')).benchSearch(process.argv.slice(3)),
  policy: async () => (await import('./policy/bench.js')).benchPolicy(process.argv.slice(3)),
  ingest: async () => (await import('./ingest/bench.js')).benchIngest(process.argv.slice(3)),
  lineage: async () => (await import('./lineage/bench.js')).benchLineage(process.argv.slice(3)),
};

const bench = BENCHES[process.argv[2] ?? ''];
if (bench) {
  process.stdout.write(`Saved in ${await bench()}\n`);
} else {
  process.stderr.write(`Usage: npm run bench -- ${Object.keys(BENCHES).join('|')}\n`);
  process.exitCode = 2;
}
