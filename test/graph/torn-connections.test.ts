import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph, openDriver } from '../../src/neo4j/graph.js';
import { WeftlineError } from '../../src/errors.js';
import { type Harm, tearConnectionsTo, type TornConnections } from '../support/torn-connections.js';
import { sharedDatabase } from '../support/weftline.js';

const ORIGIN = { requestId: 'torn', operation: 'torn' };
const TAG = `torn-${randomUUID()}`;
/** What a connection carries until it has answered both statements, and some more. */
const BYTES = 1_200;

let target: { uri: string; username: string; password: string };
let proxy: TornConnections;
let direct: Driver;

beforeAll(async () => {
  target = sharedDatabase();
  proxy = await tearConnectionsTo(target.uri);
  direct = openDriver(target);
});

afterAll(async () => {
  await direct.executeQuery('MATCH (t:Torn {tag: $tag}) DETACH DELETE t', { tag: TAG });
  await direct.close();
  await proxy.close();
});

/** Does it with a driver of its own, whose connections are harmed as said. */
async function through<T>(harms: readonly Harm[], patienceMs: number, work: (graph: Graph) => Promise<T>): Promise<T> {
  proxy.harm(harms);
  const driver = openDriver({ ...target, uri: proxy.uri });
  try {
    return await work(new Graph(driver, { database: 'neo4j', timeoutMs: patienceMs, graceMs: 0 }));
  } finally {
    // What hangs is not waited for: the proxy ends it.
    void Promise.allSettled([driver.close()]);
  }
}

/** The answer, or the code of the error; the error itself where it is none of ours. */
async function answerOf(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    return error instanceof WeftlineError ? error.code : error;
  }
}

const READ = '// torn.read\nUNWIND range(1, 20) AS n RETURN n, "text " + n AS text, [n, n + 1] AS list';
const WRITE = '// torn.write\nCREATE (t:Torn {tag: $tag, id: $id}) RETURN t.id AS id';

const read = async (graph: Graph): Promise<string> =>
  (await graph.read(ORIGIN, READ, {}))
    .map((row) => `${row.int('n')} ${row.text('text')} ${String(row.ints('list'))}`)
    .join();
const write = (graph: Graph, id: string): Promise<string> =>
  graph.write(ORIGIN, async (tx) => (await tx.one(WRITE, { tag: TAG, id })).text('id'));

async function kept(ids: readonly string[]): Promise<Map<string, number>> {
  const cypher = 'MATCH (t:Torn {tag: $tag}) WHERE t.id IN $ids RETURN t.id AS id, count(*) AS total';
  const { records } = await direct.executeQuery(cypher, { tag: TAG, ids });
  return new Map(records.map((record) => [String(record.get('id')), Number(record.get('total'))]));
}

const harm = (...hows: Harm['how'][]): fc.Arbitrary<Harm> =>
  fc.record({ at: fc.nat(BYTES), how: fc.constantFrom(...hows) });

describe('a connection to Neo4j that ends at any byte of an answer', () => {
  it('costs an answer that says so and no more: nothing is told wrong, half kept or kept twice', async () => {
    const whole = await read(new Graph(direct, { database: 'neo4j', timeoutMs: 60_000 }));
    const property = fc.asyncProperty(fc.array(harm('cut', 'reset'), { minLength: 1, maxLength: 4 }), async (harms) => {
      const ids = Array.from({ length: 4 }, () => randomUUID());
      const [reads, writes] = await through(harms, 60_000, async (graph) => [
        await Promise.all(ids.map(() => answerOf(read(graph)))),
        await Promise.all(ids.map((id) => answerOf(write(graph, id)))),
      ]);
      for (const answer of reads) expect(answer).toBe(whole);
      const found = await kept(ids);
      writes.forEach((answer, index) => {
        const id = ids[index] ?? '';
        expect([id, 'UNAVAILABLE']).toContain(answer);
        if (answer === id) expect(found.get(id)).toBe(1);
        else expect([undefined, 1]).toContain(found.get(id));
      });
    });
    await fc.assert(property, { numRuns: 40 });
  }, 240_000);
});

describe('an answer of Neo4j that arrives garbled', () => {
  it('never reads as a fault of the request or of Weftline, unless it says another thing in whole words', async () => {
    const property = fc.asyncProperty(harm('flip'), async (flipped) => {
      // A length that has become larger is waited for: not for ever.
      const answer = await through([flipped], 2_000, (graph) =>
        answerOf(graph.write(ORIGIN, (tx) => tx.run(READ, {}))),
      );
      if (!Array.isArray(answer)) expect(answer).toBe('UNAVAILABLE');
    });
    await fc.assert(property, { numRuns: 40 });
  }, 240_000);
});

describe('a Neo4j that keeps its connections and answers nothing', () => {
  it('is away for those who ask, too', async () => {
    const property = fc.asyncProperty(harm('stall'), async (stalled) => {
      const [found, done] = await through([stalled, stalled], 300, (graph) =>
        Promise.all([answerOf(read(graph)), answerOf(write(graph, randomUUID()))]),
      );
      for (const answer of [found, done]) expect(answer).toBeTypeOf('string');
    });
    await fc.assert(property, { numRuns: 10 });
    expect(await through([{ at: 0, how: 'stall' }], 300, (graph) => answerOf(write(graph, 'never')))).toBe(
      'UNAVAILABLE',
    );
  }, 120_000);
});
