import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Provenance {
  versions: { id: string }[];
  runs: { id: string; state: string }[];
  edges: { source: string; target: string }[];
  completeness: { complete: boolean; hiddenNodes: number; cutByDepth: number; cutByPage: boolean };
}

const PROVENANCE = `query ($id: ID!, $depth: Int, $direction: Direction, $asOf: DateTime, $knownAt: DateTime) { node(id: $id) {
  ... on DatasetVersion { provenance(depth: $depth, direction: $direction, asOf: $asOf, knownAt: $knownAt) { ...P } }
  ... on ModelVersion { provenance(depth: $depth, direction: $direction, asOf: $asOf, knownAt: $knownAt) { ...P } } } }
fragment P on Provenance { versions { ... on Node { id } } runs { id state } edges { source target }
  completeness { complete hiddenNodes cutByDepth cutByPage } }`;

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

async function provenance(id: string, args: Record<string, unknown> = {}, as = owner): Promise<Provenance> {
  const variables = { id, depth: 20, direction: 'UPSTREAM', ...args };
  return (await as.data<{ node: { provenance: Provenance } }>(PROVENANCE, variables)).node.provenance;
}

const idsOf = (nodes: readonly { id: string }[]): string[] => nodes.map(({ id }) => id).sort();

async function betweenWrites(): Promise<string> {
  await delay(5);
  const time = new Date().toISOString();
  await delay(5);
  return time;
}

/** A run that is reported now, with the times it gives. */
async function lateRun(transformation: string, inputs: string[], outputs: string[], times: [string, string]) {
  const start = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
  const begun = { transformation, inputs, startedAt: times[0] };
  const { startRun } = await owner.data<{ startRun: { run: { id: string } } }>(start, { input: begun });
  const finish = 'mutation ($input: FinishRunInput!) { finishRun(input: $input) { run { id } } }';
  await owner.data(finish, { input: { run: startRun.run.id, outputs, endedAt: times[1] } });
  return startRun.run.id;
}

describe('Provenance on both clocks', () => {
  it(
    'lands a run that is reported late at its own time, and does not know it before',
    { timeout: 300_000 },
    async () => {
      const [data, job, model] = [
        await seed.dataset('late-in'),
        await seed.transformation('late'),
        await seed.model('late-m'),
      ];
      const [input, output] = [await seed.datasetVersion(data.id), await seed.modelVersion(model.id)];
      const unreported = await betweenWrites();
      const run = await lateRun(job.id, [input], [output], ['2020-03-01T00:00:00.000Z', '2020-03-02T00:00:00.000Z']);
      for (const asOf of [undefined, '2020-03-02T00:00:00.000Z', unreported]) {
        const answer = await provenance(output, { asOf });
        expect([idsOf(answer.versions), idsOf(answer.runs)]).toEqual([[input], [run]]);
        expect(answer.edges).toHaveLength(2);
        expect(answer.completeness.complete).toBe(true);
      }
      for (const clocks of [
        { asOf: '2020-03-01T23:00:00.000Z' },
        { asOf: '2020-03-05T00:00:00.000Z', knownAt: unreported },
      ])
        expect(await provenance(output, clocks)).toMatchObject({
          versions: [],
          runs: [],
          completeness: { complete: true },
        });
      const halfway = await provenance(input, { direction: 'DOWNSTREAM', asOf: '2020-03-01T23:00:00.000Z' });
      expect(halfway).toMatchObject({ versions: [], runs: [{ id: run, state: 'RUNNING' }] });
    },
  );

  it('counts depth by the shortest way, and says exactly what it cuts and hides', { timeout: 300_000 }, async () => {
    const secret = await seed.dataset('secret', { visibility: 'RESTRICTED' });
    const [data, job, model] = [
      await seed.dataset('depth-in'),
      await seed.transformation('depth'),
      await seed.model('depth-m'),
    ];
    const [raw, hidden] = [await seed.datasetVersion(data.id), await seed.datasetVersion(secret.id)];
    const middle = await seed.datasetVersion(data.id, '2');
    await seed.run(job.id, [raw, hidden], [middle]);
    const output = await seed.modelVersion(model.id);
    // A diamond: the raw version is 2 hops away as well as 4.
    await seed.run(job.id, [raw, middle], [output]);
    const near = await provenance(output, { depth: 2 });
    expect(idsOf(near.versions)).toEqual([raw, middle].sort());
    expect(near.completeness).toEqual({ complete: false, hiddenNodes: 0, cutByDepth: 1, cutByPage: false });
    const member = await server.user();
    const all = await provenance(output, { depth: 10_000 }, member);
    expect(idsOf(all.versions)).toEqual([raw, middle].sort());
    expect(all.completeness).toEqual({ complete: false, hiddenNodes: 1, cutByDepth: 0, cutByPage: false });
    expect(JSON.stringify(all)).not.toContain(hidden);
  });

  it('refuses a depth out of bounds and a time in the future', async () => {
    const output = await seed.modelVersion((await seed.model('bounds')).id);
    for (const depth of [0, -1, 10_001]) {
      const { message, extensions } = await owner.error(PROVENANCE, { id: output, depth });
      expect(extensions.code).toBe('BAD_USER_INPUT');
      expect(message).toBe(`\`depth\` is ${depth}; it must be from 1 to 10000.`);
    }
    const future = new Date(Date.now() + 3_600_000).toISOString();
    for (const clock of ['asOf', 'knownAt'])
      expect((await owner.error(PROVENANCE, { id: output, depth: 1, [clock]: future })).message).toContain(
        'in the future',
      );
  });
});
