import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grant } from '../support/access.js';
import type { Client } from '../support/client.js';
import { node, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/**
 * What a program was told and what it said is for who launched it, who may EDIT transformation or output model, and
 * auditors: by whatever way one comes to it.
 */
const EVERYTHING = `query ($id: ID!) {
  trainingJob(id: $id) {
    purpose failure { code message } observation { waitingFor error }
    transitions { state cause } attempts { reason foundLater }
    run { error facets transformation { audit { nodes { before after reason } } } }
    modelVersion { training { command image codeRef { image } environment } }
  }
  trainingJobs(first: 200) { nodes { purpose failure { message } } }
  node(id: $id) { ... on TrainingJob { purpose failure { message } run { error facets } } }
  audit(first: 200) { nodes { before after reason } }
}`;
const REPRODUCE = `query ($id: ID!) {
  reproduce(modelVersion: $id) { input missing { part message } modelVersion { training { command job { purpose } } } }
}`;
const FOLLOW = `subscription ($id: ID!) {
  trainingJobChanged(id: $id) { state cause job { purpose failure { message } run { error facets } } }
}`;

let server: TestWeftline;
let bench: Workbench;
let failed: string;
let made: { job: string; version: string };

/** Words that are nowhere but in what a program was told, and in what it said. */
const WORDS = ['zeugma-command', 'zeugma-environment', 'zeugma-purpose', 'zeugma-stderr'];
const told = { environment: { WORD: WORDS[1] }, purpose: WORDS[2] };

beforeAll(async () => {
  server = await startTestWeftline({ runner: true });
  bench = await Workbench.open(server, 'words');
  const fails = node(`/* ${WORDS[0]} */ console.error('${WORDS[3]}'); process.exit(3);`);
  failed = (await bench.runToEnd(fails, told)).id;
  const job = await bench.runToEnd(node(`/* ${WORDS[0]} */ fs.writeFileSync(out + '/model', 'weights');`), told);
  made = { job: job.id, version: job.modelVersion?.id ?? '' };
}, 300_000);
afterAll(() => server.stop());

/** All that a person is told of the two jobs, as text. */
async function allToldTo(as: Client): Promise<string> {
  const parts: unknown[] = [];
  for (const id of [failed, made.job]) {
    parts.push(await as.data(EVERYTHING, { id }));
    for await (const event of as.subscribe(FOLLOW, { id })) parts.push(event);
  }
  parts.push(await as.data(REPRODUCE, { id: made.version }));
  return JSON.stringify(parts);
}

describe('What a program was told and what it said', { timeout: 300_000 }, () => {
  it('is told to nobody who only sees the job', async () => {
    const stranger = await server.user();
    const viewer = await server.user();
    for (const asset of [bench.trainer, bench.model, bench.data])
      await grant(bench.owner, asset.id, viewer.userId, ['VIEW']);
    for (const as of [stranger, viewer]) {
      const text = await allToldTo(as);
      for (const word of WORDS) expect(text).not.toContain(word);
      expect(text).toContain('EXIT_CODE');
      expect(text).toContain('Withheld');
      expect(text).toContain('"part":"COMMAND"');
    }
  });

  it('is told to who launched it, who may EDIT the transformation or the model, and auditors', async () => {
    const [editor, keeper, auditor] = [
      await server.user(),
      await server.user(),
      await server.user({ role: 'AUDITOR' }),
    ];
    await grant(bench.owner, bench.trainer.id, editor.userId, ['EDIT']);
    await grant(bench.owner, bench.model.id, keeper.userId, ['EDIT']);
    for (const as of [bench.owner, editor, keeper, auditor]) {
      const text = await allToldTo(as);
      for (const word of WORDS) expect(text, word).toContain(word);
      expect(text).not.toContain('"part":"COMMAND"');
    }
  });
});
