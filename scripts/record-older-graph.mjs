// Records what an older version answers to its own sample operations, and the graph it answers them on, for
// test/graph/older-graph.test.ts. To repeat it, here for the last commit before the migration V013:
//
//   mkdir /tmp/older && git archive <commit> | tar -x -C /tmp/older && ln -s "$PWD/node_modules" /tmp/older/node_modules
//   node scripts/record-older-graph.mjs /tmp/older test/data
//
// The world is the one that the older version's own test/api/operations.test.ts makes, with a little more; all that its samples
// are asked with is prepared before the graph is read, so that it can be asked again.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [older, data] = process.argv.slice(2).map((path) => resolve(path));
cpSync(join(import.meta.dirname, '../test/support/older'), join(older, 'test/support/older'), { recursive: true });
const text = readFileSync(join(older, 'test/api/operations.test.ts'), 'utf8');
const [begin, end] = ['describe.each(files)', 'async function entryOf'].map((words) => text.indexOf(words));
const recorder = `
import { writeFileSync } from 'node:fs';
import { inject } from 'vitest';
import { openDriver } from '../../src/neo4j/graph.js';
import { readGraph } from '../support/older/graph-file.js';
import { replay, textsIn } from '../support/older/replay.js';

it('records', async () => {
  const ask = (who, query, variables) => who.data(query, variables);
  const describeAsset = 'mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }';
  const seed = new Seed(other, server.namespace + '-of-others');
  const theirs = [await seed.dataset('op-data-of-others'), await seed.model('op-model-of-others'), await seed.transformation('op-train-of-others')];
  await seed.flow([watched, theirs[2].id], [theirs[2].id, theirs[1].id]);
  for (const each of ['first', 'second', 'third']) await ask(owner, describeAsset, { input: { ref: watched, description: each + ' words' } });
  const steps = [];
  const texts = {};
  for (const file of files) {
    const operation = getOperationAST(parse(textOf(file))).operation;
    texts[file] = textOf(file);
    const given = { ...(await variables[file.replace('.graphql', '')]()) };
    if ('consistency' in given) given.consistency = null;
    const step = { file, variables: given };
    if (operation === 'subscription') {
      const until = new Date(Date.now() + 3_600_000).toISOString();
      const events = [
        { as: 'other', query: textOf('09-request-access.graphql'), variables: { input: { asset: watched, actions: ['DEPLOY'], purpose: file, until } } },
        { as: 'owner', query: 'mutation ($input: RegisterModelInput!) { registerModel(input: $input) { model { id } } }', variables: { input: { namespace: server.namespace, name: 'for ' + file } } },
      ];
      steps.push({ ...step, as: 'owner', events });
    } else if (operation === 'mutation') {
      steps.push({ ...step, as: textOf(file).includes('(ADMIN)') ? 'admin' : 'owner' });
    } else {
      for (const as of ['owner', 'other', 'admin', 'auditor']) steps.push({ ...step, as });
    }
  }
  const session = await ask(admin, textOf('60-open-auditor-session.graphql'), { input: { auditor: 'Frozen', reason: 'A test', expiresInHours: 1 } });
  const tokens = { owner: owner.token, other: other.token, admin: admin.token, auditor: session.openAuditorSession.secret };
  for (const each of ['fourth', 'fifth']) await ask(owner, describeAsset, { input: { ref: watched, description: each + ' words' } });
  const open = 'query { trainingJobs { nodes { state } } }';
  for (;;) {
    const { trainingJobs } = await ask(owner, open);
    if (trainingJobs.nodes.every(({ state }) => ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(state))) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await server.sealed();
  await server.stop();
  const at = new Date().toISOString();
  const driver = openDriver({ uri: inject('neo4jUri'), username: inject('neo4jUsername'), password: inject('neo4jPassword') });
  const graph = await readGraph(driver);
  await driver.close();
  server = await startTestWeftline();
  const answers = await replay({ at, tokens, texts, steps }, server, textsIn(graph));
  const recording = { at, tokens, texts, steps, answers };
  const [nodes, relationships] = [graph.nodes, graph.relationships].map((list) => list.map((each) => JSON.stringify(each)).join(',\\n'));
  writeFileSync(process.env.GRAPH_FILE, '{"nodes":[\\n' + nodes + '],\\n"relationships":[\\n' + relationships + ']}\\n');
  writeFileSync(process.env.ANSWERS_FILE, JSON.stringify(recording, null, 1) + '\\n');
}, 600_000);
`;
writeFileSync(join(older, 'test/api/record.test.ts'), text.slice(0, begin) + recorder + text.slice(end));
execFileSync('npx', ['vitest', 'run', 'test/api/record.test.ts'], {
  cwd: older,
  stdio: 'inherit',
  env: { ...process.env, GRAPH_FILE: join(data, 'older-graph.json'), ANSWERS_FILE: join(data, 'older-answers.json') },
});
