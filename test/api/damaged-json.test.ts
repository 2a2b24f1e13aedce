import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { LEAVES_A_MODEL, node, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** Everything that is kept as JSON in the graph, damaged by hand in every way: each page tells it in its place and stays whole. */
let server: TestWeftline;
let bench: Workbench;
let admin: Client;
let job: string;
let before: string;
beforeAll(async () => {
  server = await startTestWeftline({ runner: true });
  admin = await server.user({ role: 'ADMIN' });
  bench = await Workbench.open(server, 'damaged');
  const change = (ref: string, text: string): Promise<unknown> =>
    bench.owner.data(`mutation { updateAsset(input: { ref: "${ref}", ${text} }) { asset { id } } }`);
  await change(bench.data.id, 'fields: [{ name: "a" }]');
  await change(bench.trainer.id, 'codeRef: { repository: "r", revision: "1" }');
  before = new Date().toISOString();
  job = (await bench.runToEnd(node(LEAVES_A_MODEL))).id;
}, 120_000);
afterAll(() => server.stop());

const DAMAGES: readonly (readonly [string, string, string])[] = [
  ['cut off', '{"command":', 'What is stored here is not JSON.'],
  ['of another type', '[5]', 'What is stored here is not what belongs here.'],
  ['empty', '{"x":1}', 'What is stored here is not what belongs here.'],
  ['null', 'null', 'What is stored here is not what belongs here.'],
  ['too deep', `${'['.repeat(300)}${']'.repeat(300)}`, 'What is stored here nests deeper than 200 levels.'],
];

/** Puts a text in place of what is stored, asks, and puts back what stood there. */
async function damaged<T>(match: string, member: string, text: string, ask: () => Promise<T>): Promise<T> {
  const origin = { requestId: 'test', operation: 'test' };
  const set = (value: unknown): Promise<unknown> =>
    server.graph.write(origin, (tx) => tx.run(`${match} SET x.${member} = $value`, { ...ids(), value }));
  const [row] = await server.graph.read(origin, `${match} RETURN x.${member} AS stored`, ids());
  await set(text);
  try {
    return await ask();
  } finally {
    await set(row?.raw('stored') ?? null);
  }
}

const ids = () => ({ job, dataset: bench.data.id, trainer: bench.trainer.id });
const PAGE = `query ($id: ID!, $trainer: AssetRef!) {
  trainingJobs(filter: { transformation: $trainer }) { totalCount nodes {
    id state reportNote externalId failure { code message } usage { gpuSeconds energyNote }
    attempts { externalId metrics usage { energyNote } } run { id } modelVersion { id }
  } }
  trainingJob(id: $id) { modelVersion { training { command parameters environment } } }
}`;
const JOB = 'MATCH (x:TrainingJob {id: $job})';
const ATTEMPT = 'MATCH (x:JobAttempt)-[:ATTEMPT_OF]->(:TrainingJob {id: $job})';

describe.each(DAMAGES)('A stored value that is %s', (_, text, why) => {
  it.each(['order', 'policy', 'handle', 'usage', 'failure', 'metrics'])(
    'is told as the %s of its job',
    async (member) => {
      const answer = await damaged(JOB, member, text, () =>
        admin.ask<{ trainingJobs: { totalCount: number; nodes: Record<string, unknown>[] } }>(PAGE, {
          id: job,
          trainer: bench.trainer.id,
        }),
      );
      expect(answer.errors).toBeUndefined();
      const shown = answer.data?.trainingJobs.nodes[0];
      if (member === 'metrics') return;
      expect(shown?.['reportNote']).toContain(`Its ${member} cannot be read: ${why}`);
      if (member === 'usage') expect(shown).toMatchObject({ usage: { energyNote: why } });
      if (member === 'failure') expect(shown).toMatchObject({ failure: { code: 'UNREADABLE', message: why } });
      if (member === 'order')
        expect(answer.data).toMatchObject({
          trainingJob: { modelVersion: { training: { command: [why], parameters: { $unreadable: why } } } },
        });
    },
  );

  it.each(['handle', 'usage', 'metrics'])('spoils no page as the %s of an attempt', async (member) => {
    const answer = await damaged(ATTEMPT, member, text, () => admin.ask(PAGE, { id: job, trainer: bench.trainer.id }));
    expect(answer.errors).toBeUndefined();
    if (member === 'usage')
      expect(answer.data).toMatchObject({ trainingJobs: { nodes: [{ attempts: [{ usage: { energyNote: why } }] }] } });
  });

  it('is told as the code of a transformation', async () => {
    const answer = await damaged('MATCH (x:Asset {id: $trainer})', 'codeRef', text, () =>
      admin.ask(`{ asset(ref: "${bench.trainer.id}") { id ... on Transformation { codeRef { repository revision } } }
        assets(filter: { namespaces: ["${server.namespace}"] }) { totalCount nodes { id } } }`),
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toMatchObject({ assets: { totalCount: 3 } });
    if (text !== '{"x":1}') expect(answer.data).toMatchObject({ asset: { codeRef: { repository: why } } });
  });

  it('is told as the fields a data set had', async () => {
    const revisions = 'MATCH (x:AssetRevision)-[:REVISION_OF]->(:Asset {id: $dataset}) WHERE x.revision > 1';
    const answer = await damaged(revisions, 'fields', text, () =>
      admin.ask(`{ asset(ref: "${bench.data.id}", asOf: "${before}") { ... on Dataset { fields { name description } } }
        fieldLineage(dataset: "${bench.data.id}", asOf: "${before}") { roots { name } }
        lineage(of: ["${bench.trainer.id}"], direction: BOTH, asOf: "${before}") { nodes { asset { ... on Dataset { fields { name description } } } } } }`),
    );
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toMatchObject({ asset: { fields: [{ name: '$unreadable', description: why }] } });
  });
});

describe('A job whose order was damaged before it began', () => {
  it('is never handed over, says why, and holds up no other job', async () => {
    await server.weftline.runner.stop();
    const id = await bench.launch(node(LEAVES_A_MODEL));
    const next = await bench.launch(node(LEAVES_A_MODEL));
    const origin = { requestId: 'test', operation: 'test' };
    await server.graph.write(origin, (tx) => tx.run('MATCH (x:TrainingJob {id: $id}) SET x.order = "{"', { id }));
    server.weftline.runner.start();
    const over = await bench.untilOver(id);
    expect(over).toMatchObject({ state: 'FAILED', failure: { code: 'UNREADABLE', retryable: false } });
    expect(over.failure?.message).toContain('Its order cannot be read: What is stored here is not JSON.');
    expect(over.attempts).toMatchObject([{ externalId: null }]);
    expect((await bench.untilOver(next)).state).toBe('SUCCEEDED');
  }, 60_000);
});
