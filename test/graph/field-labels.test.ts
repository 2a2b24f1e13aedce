/** Labels of columns flow along columns: the statement, and what is made of it, against a small model on both clocks. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { covers } from '../../src/governance/labels/dimensions.js';
import { EffectiveRepository } from '../../src/governance/labels/effective.repository.js';
import type { LabelClocks } from '../../src/governance/labels/label.js';
import { type Followed, follow } from '../../src/governance/labels/propagation.js';
import type { WriteTransaction } from '../../src/neo4j/graph.js';
import {
  buildColumns,
  claimColumns,
  type ColumnWorld,
  columnWorld,
  day,
  dimensions,
  labelsByDefinition,
  TOLD,
} from '../support/column-world.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let rows: EffectiveRepository;
let count = 0;
beforeAll(async () => {
  server = await startTestWeftline();
  rows = new EffectiveRepository(dimensions, () => day(9));
});
afterAll(() => server.stop());

class Undone extends Error {}
type Built = Awaited<ReturnType<typeof buildColumns>> & { name: string };

/** Each graph in a transaction of its own that is never kept. */
async function within(world: ColumnWorld, work: (tx: WriteTransaction, built: Built) => Promise<void>): Promise<void> {
  const name = `${server.namespace}-columns-${(count += 1)}`;
  const trial = server.graph.write({ requestId: 'columns', operation: 'columns' }, async (tx) => {
    await work(tx, { ...(await buildColumns(tx, world, name)), name });
    throw new Undone();
  });
  await expect(trial).rejects.toThrow(Undone);
}

const NOW: LabelClocks = { validAt: null, knownAt: null };
async function ask(tx: WriteTransaction, id: string, clocks = NOW): Promise<Map<string, Followed>> {
  const [facts] = await rows.ofVersions(tx, [[id]], clocks);
  return follow(dimensions, facts ?? expect.fail('No answer.'));
}

/** That nothing was lost in between. */
function expectNoLess(after: ReadonlyMap<string, Followed>, before: ReadonlyMap<string, Followed>): void {
  for (const [name, { value }] of before) {
    const now = after.get(name)?.value ?? null;
    if (value !== null) expect(now !== null && covers(dimensions.named(name), now, value), name).toBe(true);
  }
}

const MOST = Number(process.env['WEFTLINE_LABEL_RUNS'] ?? 40);
const when = fc.integer({ min: 0, max: 9 });

it('are those of a small model, on both clocks, with grants', async () => {
  let byColumns = 0;
  await fc.assert(
    fc.asyncProperty(columnWorld, fc.nat(6), when, when, fc.boolean(), async (world, of, valid, known, isNow) => {
      const root = of % world.versions.length;
      await within(world, async (tx, { version }) => {
        const found = await ask(tx, version(root), isNow ? NOW : { validAt: day(valid), knownAt: day(known) });
        for (const [name, value] of labelsByDefinition(world, root, isNow ? { valid: 9, known: 99 } : { valid, known }))
          expect({ name, value: found.get(name)?.value }).toEqual({ name, value });
        if ([...found.values()].some(({ precision }) => precision === 'FIELD')) byColumns += 1;
      });
    }),
    { numRuns: MOST, examples: [[TOLD, 1, 9, 9, true]] },
  );
  // A model in which columns never tell would be right for nothing.
  expect(byColumns).toBeGreaterThan(0);
}, 500_000);

it('are those of the whole where nothing is said of columns, and are lost to nothing else than grants', async () => {
  await fc.assert(
    fc.asyncProperty(columnWorld, fc.nat(6), async (world, of) => {
      const root = of % world.versions.length;
      const coarse = { ...world, claims: [], said: world.said.map((each) => ({ ...each, column: null })) };
      await within({ ...world, claims: [] }, async (tx, { version }) => {
        const found = await ask(tx, version(root));
        for (const [name, value] of labelsByDefinition(coarse, root, { valid: 9, known: 99 })) {
          expect({ name, value: found.get(name)?.value }).toEqual({ name, value });
          expect(found.get(name)?.precision).toBe('VERSION');
        }
      });
    }),
    { numRuns: Math.ceil(MOST / 3) },
  );
});

it('are never lowered by another flow between columns, nor by another edge', async () => {
  await fc.assert(
    fc.asyncProperty(columnWorld, fc.nat(6), fc.nat(20), fc.nat(6), fc.nat(3), async (world, of, which, input, run) => {
      await within(world, async (tx, { name, version, run: runOf }) => {
        const root = version(of % world.versions.length);
        const before = await ask(tx, root);
        // Beside one that is there, so that no more is said to be known whole than before.
        const beside = world.claims[which % Math.max(1, world.claims.length)];
        if (beside && (beside.from !== beside.to || beside.target !== 1 - beside.source))
          await claimColumns(tx, name, [{ ...beside, source: 1 - beside.source, how: 'IDENTITY' }]);
        const more = await ask(tx, root);
        expectNoLess(more, before);
        const ends = { run: runOf(run), version: version(input % world.versions.length), at: day(0) };
        await tx.run(
          'MATCH (r:Node {id: $run}), (v:Node {id: $version}) CREATE (v)-[:USED_BY {since: $at, recordedAt: $at}]->(r)',
          ends,
        );
        expectNoLess(await ask(tx, root), more);
      });
    }),
    { numRuns: Math.ceil(MOST / 2) },
  );
});
