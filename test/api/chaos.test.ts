import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stopAbandonedNeo4j } from '../../src/neo4j/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { Factory, randomFrom } from '../support/chaos.js';
import { Seed } from '../support/seed.js';
import { neo4jOf } from '../support/server-process.js';

const JOBS = Number(process.env['WEFTLINE_CHAOS_JOBS'] ?? 40);
const SEED = Number(process.env['WEFTLINE_CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const SERVER_KILLS = 6;

/** What the program of a job does: most leave a model, some end with an error, some do so in their first attempt alone. */
const KINDS = ['works', 'works', 'works', 'fails', 'works again'] as const;

let home: string;
let factory: Factory;
const ledger = (): string => join(home, 'ledger');

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'weftline-chaos-'));
  factory = await Factory.start(home, { WEFTLINE_LOCAL_JOBS: '8', WEFTLINE_LOG_LEVEL: 'silent' });
}, 300_000);

afterAll(async () => {
  await factory.stop();
  await stopAbandonedNeo4j(join(home, 'neo4j'));
  await rm(home, { recursive: true, force: true });
});

function program(kind: (typeof KINDS)[number], seconds: string): string[] {
  const note = (word: string): string => `echo "${word} $WEFTLINE_JOB_ID $WEFTLINE_ATTEMPT $$" >> ${ledger()}`;
  const model = `echo weights > "$WEFTLINE_OUTPUT/model"`;
  const ends = {
    works: model,
    fails: 'exit 3',
    'works again': `if [ "$WEFTLINE_ATTEMPT" = 1 ]; then exit 75; fi; ${model}`,
  };
  return ['/bin/sh', '-c', `${note('start')}; sleep ${seconds}; ${note('end')}; ${ends[kind]}`];
}

interface Ended {
  id: string;
  state: string;
  attempt: number;
  versionId: string | null;
}

/** The jobs as they are in the database, once none is open. */
async function untilAllOver(): Promise<Ended[]> {
  for (;;) {
    await delay(1_000);
    const driver = openDriver(neo4jOf(home));
    try {
      const query = `MATCH (j:TrainingJob) RETURN j.id AS id, j.state AS state, toFloat(j.attempt) AS attempt,
        j.modelVersionId AS versionId, j.dueAt IS NOT NULL AS open`;
      const jobs = (await driver.executeQuery(query)).records.map((record) => record.toObject());
      if (jobs.length >= JOBS && jobs.every((job) => job['open'] === false)) return jobs as unknown as Ended[];
    } catch {
      // It is being started again.
    } finally {
      await driver.close();
    }
  }
}

it('brings every job to one true end while servers and the database are killed', { timeout: 900_000 }, async () => {
  process.stdout.write(`Chaos with ${JOBS} jobs, WEFTLINE_CHAOS_SEED=${SEED}\n`);
  const random = randomFrom(SEED);
  const seed = new Seed(factory.admin(0), 'chaos');
  const [data, trainer, model] = await Promise.all([seed.dataset('d'), seed.transformation('t'), seed.model('m')]);
  const order = { transformation: trainer.id, output: model.id, inputs: [await seed.datasetVersion(data.id)] };
  const kinds = new Map<string, (typeof KINDS)[number]>();
  const launching = async (numbers: readonly number[]): Promise<void> => {
    for (const number of numbers) {
      const kind = KINDS[number % KINDS.length] ?? 'works';
      const more = { idempotencyKey: `chaos-${number}`, maxRetries: 3, retryOnExitCodes: [75] };
      const input = { ...order, ...more, command: program(kind, (random() * 0.5).toFixed(2)), launcher: 'local' };
      kinds.set(await factory.launch(input, random), kind);
    }
  };
  const killing = async (): Promise<void> => {
    const neo4jAt = Math.floor(random() * SERVER_KILLS);
    for (let kill = 0; kill < SERVER_KILLS; kill++) {
      await delay(1_000 + random() * 3_000);
      if (kill === neo4jAt) factory.killNeo4j();
      await factory.killServer(random() < 0.5 ? 0 : 1);
    }
  };
  const numbers = Array.from({ length: JOBS }, (_, number) => number);
  const lanes = [0, 1, 2, 3].map((lane) => launching(numbers.filter((number) => number % 4 === lane)));
  await Promise.all([...lanes, killing()]);
  const jobs = await untilAllOver();

  expect(jobs).toHaveLength(JOBS);
  const lines = (await readFile(ledger(), 'utf8')).trim().split('\n');
  const count = (word: string, { id, attempt }: { id: string; attempt: number }): number =>
    lines.filter((line) => line.startsWith(`${word} ${id} ${attempt} `)).length;
  for (const job of jobs) {
    const kind = kinds.get(job.id);
    expect(job, kind).toMatchObject({
      state: kind === 'fails' ? 'FAILED' : 'SUCCEEDED',
      attempt: kind === 'works again' ? 2 : 1,
    });
    for (let attempt = 1; attempt <= job.attempt; attempt++) {
      expect([count('start', { id: job.id, attempt }), count('end', { id: job.id, attempt })]).toEqual([1, 1]);
    }
  }
  expect(lines).toHaveLength(jobs.reduce((sum, job) => sum + 2 * job.attempt, 0));
  const made = jobs.filter(({ state }) => state === 'SUCCEEDED').map(({ versionId }) => versionId);
  expect(new Set(made).size).toBe(made.length);
  const versions = 'query ($ref: AssetRef!) { asset(ref: $ref) { ... on Model { versions { totalCount } } } }';
  expect(await factory.ask(versions, { ref: model.id })).toEqual({ asset: { versions: { totalCount: made.length } } });
});
