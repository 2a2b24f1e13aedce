/** Launches that are decided while labels of what goes into them are declared. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.js';
import type { Client } from '../support/client.js';
import { alwaysLater } from '../support/clocks.js';
import { activeId, enforce, PERMIT_ALL, policyServer } from '../support/policies.js';
import { forbidsLaunch, LABEL, tried } from '../support/policy-decisions.js';
import { Workbench } from '../support/training.js';
import type { TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let stop: () => Promise<void>;
let admin: Client;

beforeAll(async () => {
  ({ server, stop } = await policyServer({ now: alwaysLater() }));
  admin = await server.user({ role: 'ADMIN' });
});
afterAll(() => stop());

describe('Five hundred times', () => {
  const LANES = 5;
  const ROUNDS = 100;
  const ORIGIN = { requestId: 'test', operation: 'test' };
  const restricted = (bench: Workbench, version: string) =>
    bench.owner.data(LABEL, { input: { version, dimension: 'classification', values: ['RESTRICTED'] } });

  /** As many versions more of the data of the bench, made at once. */
  const versionsOf = async ({ version }: Workbench, count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, newId);
    await server.graph.write(ORIGIN, (tx) =>
      tx.run(
        `// test.versions
MATCH (v:Version {id: $version})-[:VERSION_OF]->(a:Asset)
UNWIND $ids AS id
CREATE (n:Node:Version:DatasetVersion)-[:VERSION_OF]->(a)
SET n = v {.*, id: id, version: id, key: a.id + ':' + id}`,
        { version, ids },
      ),
    );
    return ids;
  };

  /** Launches of one version after the other, each beside a label of it; how many were let through. */
  const race = async (bench: Workbench, versions: readonly string[]): Promise<number> => {
    let [through, took] = [0, 0];
    for (const [round, version] of versions.entries()) {
      // One is sent before the other, by up to the time that a launch takes here and now: so they meet at each point of their way.
      const lead = took * ((2 * round) / ROUNDS - 1);
      const launched = delay(Math.max(0, -lead)).then(async () => {
        const began = performance.now();
        const made = await tried(bench, { inputs: [version] });
        took = performance.now() - began;
        return made;
      });
      const [made] = await Promise.all([launched, delay(Math.max(0, lead)).then(() => restricted(bench, version))]);
      const isThrough = made.__typename === 'TrainingJob';
      expect(made.reasons?.map(({ rule }) => rule)).toEqual(isThrough ? undefined : ['POLICY:holds']);
      if (isThrough) through += 1;
    }
    return through;
  };

  it(
    'a label that is declared beside a launch lets none through that ends after it',
    { timeout: 900_000 },
    async () => {
      const holds = forbidsLaunch('holds', 'context.labels.classification.rank > 1');
      await enforce(admin, { 'a.cedar': PERMIT_ALL + holds });
      expect(await activeId(admin)).not.toBeNull();
      const lanes = await Promise.all(
        Array.from({ length: LANES }, async (_, lane) => {
          const bench = await Workbench.open(server, `race-${lane}`);
          const input = { asset: bench.data.id, dimension: 'classification', values: ['PUBLIC'] };
          await bench.owner.data(LABEL, { input });
          // The first launch is planned, and takes longer than all others.
          expect((await tried(bench)).__typename).toBe('TrainingJob');
          return { bench, versions: await versionsOf(bench, ROUNDS) };
        }),
      );
      const through = await Promise.all(lanes.map(({ bench, versions }) => race(bench, versions)));
      // A launch looks at the clock once more when it has been decided, and a label once no decision is under way: recorded between, it would
      // have been left out of a launch that ended after it.
      const [row] = await server.graph.read(
        ORIGIN,
        `// test.order
UNWIND $versions AS id
MATCH (l:LabelDeclaration)-[:LABELS]->(v:Version {id: id})
OPTIONAL MATCH (d:PolicyDecision {outcome: 'PERMIT'})-[:DECIDED_ON]->(v)
OPTIONAL MATCH (j:TrainingJob {id: d.allowedId})
RETURN count(l) AS labels, count(j) AS launched, count(CASE WHEN l.recordedAt < j.createdAt THEN 1 END) AS wrong`,
        { versions: lanes.flatMap(({ versions }) => versions) },
      );
      expect(row?.int('wrong')).toBe(0);
      expect(row?.int('labels')).toBe(LANES * ROUNDS);
      expect(row?.int('launched')).toBe(through.reduce((sum, each) => sum + each, 0));
      for (const { bench, versions } of lanes)
        expect((await tried(bench, { inputs: [versions[0]] })).__typename).toBe('LaunchDenied');
    },
  );
});
