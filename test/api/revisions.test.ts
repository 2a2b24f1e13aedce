import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { type StoredRevision, STORED_REVISIONS, wrongTimes } from '../support/revisions.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** To try other histories: WEFTLINE_TEST_SEED=<number>; a failure prints its own. */
const SEED = Number(process.env['WEFTLINE_TEST_SEED'] ?? 7);
const UPDATE = `mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }`;

let server: TestWeftline;
let owner: Client;
let seed: Seed;
let clock = Date.now();
let histories = 0;

beforeAll(async () => {
  server = await startTestWeftline({ now: () => new Date(clock) });
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});

afterAll(() => server.stop());

async function revisionsOf(id: string): Promise<StoredRevision[]> {
  const statement = `// test.revisions\nMATCH (a:Asset {id: $id})\n${STORED_REVISIONS}`;
  const rows = await server.graph.read({ requestId: 'test', operation: 'test' }, statement, { id });
  return rows.map((row) => ({
    ...{ revision: row.int('revision'), from: row.int('from') },
    ...{ since: row.int('since'), until: row.int('until') },
  }));
}

/** How far the clock moves between changes: at times not at all, and of a server whose clock lags, back. */
const moves = fc.array(fc.integer({ min: -20, max: 40 }), { maxLength: 6 });

describe('The revisions of an asset', () => {
  it('hold one at a time, and at each the one that was recorded last by then', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(moves, async (steps) => {
        const { id } = await seed.dataset(`history-${(histories += 1)}`);
        for (const [index, step] of steps.entries()) {
          clock += step;
          await owner.data(UPDATE, { input: { ref: id, tags: [`change-${index}`] } });
        }
        const revisions = await revisionsOf(id);
        expect(revisions).toHaveLength(steps.length + 1);
        expect(wrongTimes(revisions)).toEqual([]);
      }),
      { seed: SEED, numRuns: 15 },
    );
  });
});
