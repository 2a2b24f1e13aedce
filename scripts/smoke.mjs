// Starts the built server by the given command and asks it what only a server that keeps its rules answers right:
// `node scripts/smoke.mjs [command]`, such as `npm start` or `/path/of/another/node dist/main.js`. A home and a database of its own, a
// free port, nothing left behind; the home that WEFTLINE_SMOKE_HOME names stays, for another that goes on with what this one has
// written. Pure Node. Ends with "N passed, N failed".
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const START_MS = 300_000;
const STOP_MS = 120_000;
const ANSWER_MS = 120_000;
/** Another has written to the same graph, perhaps. */
const NAMESPACE = `smoke-${randomUUID()}`;

const given = process.argv.slice(2);
const [program, ...programArguments] = given.length > 0 ? given : [process.execPath, 'dist/main.js'];
const kept = process.env.WEFTLINE_SMOKE_HOME;
const home = kept ?? mkdtempSync(join(tmpdir(), 'weftline-smoke-'));
const outcome = { passed: 0, failed: 0 };

const server = startServer();
try {
  const address = await server.listening;
  const admin = readFileSync(join(home, 'admin-token'), 'utf8').trim();
  await askOperations(address);
  await askAsNobody(address);
  await walkTheGraph(address, admin);
  await askWithTooLittle(address, admin);
  checkTheLog(address);
} catch (error) {
  check('The server can be asked', false, error.message);
} finally {
  await stopServer();
  if (kept === undefined) rmSync(home, { recursive: true, force: true });
}
process.stdout.write(`${outcome.passed} passed, ${outcome.failed} failed\n`);
process.exitCode = outcome.failed === 0 ? 0 : 1;

function startServer() {
  const environment = { ...process.env, WEFTLINE_HOME: home, WEFTLINE_PORT: '0', WEFTLINE_LOG_LEVEL: 'warn' };
  // A process group of its own, so that a signal reaches what npm started too, as it does from a terminal.
  const options = { cwd: ROOT, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true };
  const child = spawn(program, programArguments, options);
  let printed = '';
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  const listening = new Promise((resolve, reject) => {
    const giveUp = (why) => reject(new Error(`${why} It printed:\n${printed}`));
    const late = () => giveUp(`It did not listen within ${START_MS / 1000} s.`);
    setTimeout(late, START_MS).unref();
    const read = (chunk) => {
      printed += chunk;
      const address = /listens on (http:\/\/\S+)/.exec(printed)?.[1];
      if (address !== undefined) resolve(address);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read);
    child.once('error', (error) => giveUp(`${program} could not be run: ${error.message}.`));
    void ended.then((how) => giveUp(`It ended (${how}).`));
  });
  return { child, ended, listening };
}

async function askOperations(address) {
  for (const path of ['/healthz', '/readyz', '/metrics', '/']) {
    const { status } = await fetch(`${address}${path}`);
    check(`GET ${path} is answered`, status === 200, `status ${status}`);
  }
}

async function askAsNobody(address) {
  const refused = await ask(address, null, '{ assets { totalCount } }');
  check('An anonymous query is refused', codeOf(refused) === 'UNAUTHENTICATED' && refused.data === null, refused);
  const wrong = await ask(address, 'wft_nonsense', '{ assets { totalCount } }');
  check('A wrong token is refused', codeOf(wrong) === 'UNAUTHENTICATED', wrong);
  const stream = await fetch(`${address}/graphql/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { catalogChanged { action } }' }),
  });
  // One that is let in never ends by itself, so it is not read.
  const open = stream.headers.get('content-type')?.includes('event-stream') === true;
  const found = open ? 'a stream was opened' : await stream.text();
  if (open) await stream.body?.cancel();
  check('An anonymous subscription is refused', found.includes('UNAUTHENTICATED'), found);
}

async function walkTheGraph(address, admin) {
  const viewer = await ask(address, admin, '{ viewer { name ... on User { role } } }');
  check("The administrator's query is answered", viewer.data?.viewer?.role === 'ADMIN', viewer);
  for (const kind of ['Dataset', 'Transformation', 'Model']) {
    const input = { namespace: NAMESPACE, name: kind.toLowerCase() };
    const mutation = `mutation ($input: Register${kind}Input!) { register${kind}(input: $input) { __typename } }`;
    const made = await ask(address, admin, mutation, { input });
    check(`A ${kind.toLowerCase()} is registered`, made.errors === undefined, made);
  }
  const flows = [
    { source: urn('dataset'), target: urn('transformation') },
    { source: urn('transformation'), target: urn('model') },
  ];
  const claim = 'mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source } } }';
  const claimed = await ask(address, admin, claim, { input: { flows } });
  check('Flows are stated', claimed.data?.claimLineage.edges.length === 2, claimed);
  const lineage = `query ($of: [AssetRef!]!) {
    lineage(of: $of, direction: UPSTREAM) { totalCount nodes { depth asset { name } } completeness { complete } } }`;
  const traced = await ask(address, admin, lineage, { of: [urn('model')] });
  const names = traced.data?.lineage.nodes.map((node) => `${node.depth} ${node.asset.name}`).join(', ');
  check('Lineage is traced', names === '1 transformation, 2 dataset', traced);
}

async function askWithTooLittle(address, admin) {
  const create = 'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }';
  const made = await ask(address, admin, create, { input: { name: 'read only', scopes: ['READ'] } });
  const reader = made.data?.createApiToken.secret ?? null;
  const count = 'query ($of: [String!]!) { assets(filter: { namespaces: $of }) { totalCount } }';
  const read = await ask(address, reader, count, { of: [NAMESPACE] });
  check('A token with READ reads', read.data?.assets.totalCount === 3, read);
  const write = `mutation { registerDataset(input: { namespace: "${NAMESPACE}", name: "no" }) { dataset { id } } }`;
  const refused = await ask(address, reader, write);
  check('A token with READ alone writes nothing', codeOf(refused) === 'FORBIDDEN', refused);
}

/** The log of all that was done above, as whoever checks it would: exported, verified, and verified again once changed. */
function checkTheLog(address) {
  const log = join(home, `${NAMESPACE}.jsonl`);
  const token = join(home, 'admin-token');
  const exported = weft('audit', 'export', '--url', address, '--token-file', token, '--out', log);
  check('The audit log is exported', exported.status === 0, exported.output);
  const against = ['--key', join(home, 'audit-key.pub'), '--checkpoint', join(home, 'audit')];
  const verified = weft('audit', 'verify', '--export', log, ...against);
  check('The audit log is intact', verified.status === 0 && verified.output.includes('is intact'), verified.output);
  writeFileSync(log, readFileSync(log, 'utf8').replace('dataset:register', 'dataset:retire'));
  const changed = weft('audit', 'verify', '--export', log, ...against);
  check('A changed entry is named', changed.status === 1 && changed.output.includes('was edited'), changed.output);
}

function weft(...words) {
  const { status, stdout, stderr } = spawnSync('npx', ['weft', ...words], { cwd: ROOT, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

async function stopServer() {
  signalServer('SIGTERM');
  const late = new Promise((resolve) => setTimeout(() => resolve('late'), STOP_MS).unref());
  const how = await Promise.race([server.ended, late]);
  // npm tells of the end of its shell, not of the server's.
  check('SIGTERM ends it well', how === 0 || (program === 'npm' && how !== 'late'), how);
  if (how === 'late') signalServer('SIGKILL');
  const left = processesOf(home);
  check('No process of it is left', left.length === 0, left.join(', '));
}

function signalServer(signal) {
  const { pid, exitCode, signalCode } = server.child;
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal);
}

/** Processes whose command line names the folder, our own aside; none where there is no /proc to look at. */
function processesOf(folder) {
  return entriesOf('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => textOf(`/proc/${pid}/cmdline`).includes(folder));
}

function entriesOf(folder) {
  return process.platform === 'linux' ? readdirSync(folder) : [];
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // It ended between the listing and the reading.
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
    throw error;
  }
}

async function ask(address, token, query, variables = {}) {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  return await response.json();
}

function codeOf(answer) {
  return answer.errors?.[0]?.extensions?.code;
}

function urn(kind) {
  return `urn:weft:${kind}:${NAMESPACE}:${kind}`;
}

function check(what, holds, found) {
  outcome[holds ? 'passed' : 'failed'] += 1;
  const seen = holds ? '' : `: ${typeof found === 'string' ? found : JSON.stringify(found)}`;
  process.stdout.write(`${holds ? 'ok' : 'FAILED'}  ${what}${seen}\n`);
}
