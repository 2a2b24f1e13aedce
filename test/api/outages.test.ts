import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedNeo4j, stopAbandonedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { identifyProcess } from '../../src/launchers/machine/process-identity.js';
import type { Client, GraphqlError } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { neo4jOf, ServerProcess } from '../support/server-process.js';
import { launch, LEAVES_A_MODEL, node, OVER, readJob } from '../support/training.js';

// One server with its own Neo4j, killed and started again by the tests one after the other.
let home: string;
let server: ServerProcess;
let firstRefusal: { output: string; code: number | null };
const trace = (): string => join(home, 'trace');
/** A Neo4j that was just started has nothing planned and nothing compiled: its first answers may take long on a busy machine. */
const PATIENT = { WEFTLINE_QUERY_TIMEOUT_MS: '60000' };

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'weftline-outages-'));
  const empty = await startEmbeddedNeo4j({ home: join(home, 'neo4j') });
  const { uri: NEO4J_URI, username: NEO4J_USERNAME, password: NEO4J_PASSWORD } = empty;
  const unmigrated = ServerProcess.spawn({ WEFTLINE_HOME: home, NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD });
  firstRefusal = { code: (await unmigrated.exited).code, output: unmigrated.output };
  server = await ServerProcess.start(home, PATIENT);
  await empty.stop();
}, 300_000);

afterAll(async () => {
  await server.kill('SIGTERM');
  await stopAbandonedNeo4j(join(home, 'neo4j'));
  await rm(home, { recursive: true, force: true });
});

describe('a start that cannot succeed', () => {
  async function refusal(environment: Record<string, string>): Promise<string> {
    const attempt = ServerProcess.spawn({ WEFTLINE_HOME: join(home, 'other'), ...environment });
    expect(await attempt.exited).toEqual({ code: 1, signal: null });
    return attempt.output.trim();
  }

  it('names the migrations a database of somebody else lacks, and changes nothing there', () => {
    expect(firstRefusal.code).toBe(1);
    expect(firstRefusal.output).toMatch(/^The database lacks \d+ migration\(s\).*npm run migrate[^\n]*\n$/);
  });

  it('says in one sentence which port is taken', async () => {
    const { port } = new URL(server.address);
    const said = await refusal({ WEFTLINE_PORT: port });
    expect(said).toMatch(new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is taken`));
    expect(said).not.toContain('\n');
  });

  it('lists all problems of the configuration together', async () => {
    const said = await refusal({ WEFTLINE_PORT: 'x', WEFTLINE_MAX_COST: '-1', NEO4J_URI: 'http://nowhere' });
    for (const name of ['WEFTLINE_PORT', 'WEFTLINE_MAX_COST', 'NEO4J_URI']) expect(said).toContain(name);
  });

  it('says that the Neo4j it was given does not answer', async () => {
    const NEO4J_URI = 'bolt://127.0.0.1:1';
    const said = await refusal({ NEO4J_URI, NEO4J_USERNAME: 'neo4j', NEO4J_PASSWORD: 'secret-word' });
    expect(said).toContain('bolt://127.0.0.1:1 cannot be used');
    expect(said).not.toContain('secret-word');
    expect(said).not.toContain('\n');
  });
});

const fieldsOf = (number: number): { name: string; type: string }[] =>
  Array.from({ length: 5 }, (_, index) => ({ name: `field${index}`, type: `type${number}` }));

const REGISTER = `mutation ($input: RegisterDatasetInput!) { registerDataset(input: $input) { dataset { id } } }`;

/** The code with which each of the data sets was refused; "OK" for those that were registered. */
async function registerAll(
  as: Client,
  names: readonly string[],
  each: () => void = () => undefined,
): Promise<string[]> {
  return Promise.all(
    names.map(async (name, number) => {
      const input = { namespace: 'burst', name, fields: fieldsOf(number) };
      const answer = await as.ask(REGISTER, { input });
      each();
      return answer.errors?.[0]?.extensions.code ?? 'OK';
    }),
  );
}

const HALF_WRITTEN = `MATCH (a:Asset) WHERE NOT (
  EXISTS { (:Alias)-[:NAMES]->(a) } AND EXISTS { (:Principal)-[:OWNS]->(a) } AND EXISTS { (:AssetRevision)-[:REVISION_OF]->(a) }
  AND EXISTS { (:AuditEntry)-[:CONCERNS]->(a) } AND (a.namespace <> 'burst' OR COUNT { (:Field)-[:FIELD_OF]->(a) } = 5))
RETURN a.urn AS urn`;

async function ask(cypher: string): Promise<Record<string, unknown>[]> {
  const driver = openDriver(neo4jOf(home));
  try {
    return (await driver.executeQuery(cypher)).records.map((record) => record.toObject());
  } finally {
    await driver.close();
  }
}

describe('Neo4j killed in the middle of a burst of writes', () => {
  it('makes the server not ready, costs some answers and no data, and is back by itself', async () => {
    const names = Array.from({ length: 60 }, (_, number) => `set-${number}`);
    const { pid, uri } = neo4jOf(home);
    let answered = 0;
    const admin = server.admin(home);
    expect(await registerAll(admin, ['before'])).toEqual(['OK']);
    const codes = await registerAll(admin, names, () => {
      if ((answered += 1) === 10) process.kill(pid, 'SIGKILL');
    });
    expect(new Set(codes)).toEqual(new Set(['OK', 'UNAVAILABLE']));
    expect(await server.status('/readyz')).toBe(503);
    expect(await server.status('/healthz')).toBe(200);
    await server.untilStatus('/readyz', 200);
    expect(neo4jOf(home).uri).toBe(uri);
    expect(await ask(HALF_WRITTEN)).toEqual([]);

    let failed = names.filter((_, index) => codes[index] === 'UNAVAILABLE');
    // What was written although its answer was lost is told by a conflict: nothing is there twice. A database that has only
    // just begun may be too slow for a burst, and says so.
    while (failed.length > 0) {
      const again = await registerAll(admin, failed);
      for (const code of again) expect(['OK', 'CONFLICT', 'UNAVAILABLE'], server.output.slice(-4000)).toContain(code);
      failed = failed.filter((_, index) => again[index] === 'UNAVAILABLE');
    }
    expect(await ask(HALF_WRITTEN)).toEqual([]);
    expect(await ask(`MATCH (a:Asset {namespace: 'burst'}) RETURN toInteger(count(a)) AS total`)).toEqual([
      { total: 61n },
    ]);
  }, 600_000);
});

/** Asks in every way there is, over and over, until `isOver`; the codes of all answers, "OK" for those without errors. */
async function askOnAndOn(as: Client, name: string, isOver: () => boolean): Promise<Map<string, string>> {
  const codes = new Map<string, string>();
  const read =
    '{ assets(first: 5) { totalCount nodes { id name namespace } } viewer { id } audit(first: 3) { nodes { id } } }';
  const listening = 'subscription { catalogChanged { cursor } }';
  const note = (errors: GraphqlError[] | undefined): void => {
    for (const { extensions, message } of errors ?? []) codes.set(extensions.code, message);
    if (!errors) codes.set('OK', '');
  };
  // Many at once and again at once, yet leaving the machine to the Neo4j that comes back: what is refused is refused in no time.
  const again = async (ask: (turn: number) => Promise<GraphqlError[] | undefined>): Promise<void> => {
    for (let turn = 0; !isOver(); turn++) {
      const errors = await ask(turn);
      note(errors);
      if (errors) await delay(20);
    }
  };
  const listen = async (): Promise<GraphqlError[] | undefined> => {
    const gone = new AbortController();
    // What was registered last may have been before it listened: then nothing comes any more.
    const look = setInterval(() => isOver() && gone.abort(), 50);
    try {
      const { events } = await as.open(listening, {}, gone.signal);
      const first = await events.next();
      return (first.value as { errors?: GraphqlError[] } | undefined)?.errors;
    } catch (error) {
      if (!gone.signal.aborted) throw error;
      return undefined;
    } finally {
      clearInterval(look);
      gone.abort();
    }
  };
  const register = async (turn: number): Promise<GraphqlError[] | undefined> => {
    const input = { namespace: 'storm', name: `${name}-${turn}` };
    return (await as.ask(REGISTER, { input })).errors;
  };
  await Promise.all([
    ...Array.from({ length: 4 }, () => again(async () => (await as.ask(read)).errors)),
    again(register),
    again(listen),
  ]);
  return codes;
}

describe('a Neo4j that goes away under load and comes back', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const)(
    'by %s costs answers that say so, and none is a fault of ours',
    async (signal) => {
      const admin = server.admin(home);
      let isOver = false;
      const asked = askOnAndOn(admin, signal, () => isOver);
      const { pid } = neo4jOf(home);
      process.kill(pid, signal);
      await server.untilStatus('/readyz', 503);
      if (signal === 'SIGSTOP') process.kill(pid, 'SIGCONT');
      // One that is told to end goes step by step, and may seem well in between.
      else while (isRunning(pid)) await delay(50);
      await server.untilStatus('/readyz', 200);
      isOver = true;
      const codes = await asked;
      expect(
        [...codes].filter(([code]) => code !== 'OK' && code !== 'UNAVAILABLE'),
        server.output.slice(-4000),
      ).toEqual([]);
      expect(codes.has('OK') || codes.has('UNAVAILABLE')).toBe(true);
      expect(await ask(HALF_WRITTEN)).toEqual([]);
      const twice = `MATCH (a:Asset {namespace: 'storm'}) WITH a.urn AS urn, count(*) AS total WHERE total > 1 RETURN urn`;
      expect(await ask(twice)).toEqual([]);
    },
    600_000,
  );
});

describe('the API killed while a training runs', () => {
  it('finds the job at its next start and brings it to its one version', async () => {
    const seed = new Seed(server.admin(home), 'killed');
    const [data, trainer, model] = await Promise.all([seed.dataset('d'), seed.transformation('t'), seed.model('m')]);
    const restarted = join(home, 'restarted');
    const program = `fs.appendFileSync(${JSON.stringify(trace())}, 'ran ');
      const look = setInterval(() => {
        if (!fs.existsSync(${JSON.stringify(restarted)})) return;
        clearInterval(look);
        ${LEAVES_A_MODEL}
      }, 50);`;
    const input = {
      idempotencyKey: 'killed',
      transformation: trainer.id,
      output: model.id,
      inputs: [await seed.datasetVersion(data.id)],
      command: node(program),
    };
    const { id = '' } = await launch(server.admin(home), input);
    while ((await readJob(server.admin(home), id)).state !== 'RUNNING') await delay(50);
    expect(await server.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });

    server = await ServerProcess.start(home, PATIENT);
    await writeFile(restarted, '');
    const admin = server.admin(home);
    let job = await readJob(admin, id);
    while (!OVER.includes(job.state)) {
      await delay(100);
      job = await readJob(admin, id);
    }
    expect(job).toMatchObject({ state: 'SUCCEEDED', modelVersion: { version: 'v1' } });
    expect(job.attempts).toHaveLength(1);
    expect(await readFile(trace(), 'utf8')).toBe('ran ');
    const versions = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Model { versions { totalCount } } } }`;
    expect(await admin.data(versions, { ref: model.id })).toEqual({ asset: { versions: { totalCount: 1 } } });
  }, 600_000);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits until a transaction waits for a lock that another holds. */
async function untilOneWaits(driver: Driver): Promise<void> {
  const waiting = `SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked' RETURN status`;
  while ((await driver.executeQuery(waiting)).records.length === 0) await delay(50);
}

describe('SIGTERM', () => {
  it('answers what is open, ends streams, stops Neo4j and loses nothing', async () => {
    const admin = server.admin(home);
    const asset = await new Seed(admin, 'stopped').dataset('kept');
    const { events } = await admin.open('subscription { catalogChanged { cursor } }');
    const streamEnds = (async () => {
      for await (const { errors } of events) if (errors) throw new Error(JSON.stringify(errors));
    })();
    const { pid, ...target } = neo4jOf(home);
    const driver = openDriver(target);
    const session = driver.session();
    const holding = await session.beginTransaction();
    await holding.run('MATCH (a:Asset {id: $id}) SET a.held = true', { id: asset.id });
    const update = 'mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { description } } }';
    const slow = admin.ask(update, { input: { ref: asset.id, description: 'while stopping' } });
    await untilOneWaits(driver);

    const exited = server.kill('SIGTERM');
    await streamEnds;
    await holding.rollback();
    await session.close();
    await driver.close();
    expect((await slow).errors).toBeUndefined();
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(server.output).toMatch(/Stopped\.\n$/);
    expect(await identifyProcess(pid)).toBeNull();

    server = await ServerProcess.start(home, PATIENT);
    const kept = await server
      .admin(home)
      .data('query ($ref: AssetRef!) { asset(ref: $ref) { description } }', { ref: asset.id });
    expect(kept).toEqual({ asset: { description: 'while stopping' } });
  }, 600_000);
});
