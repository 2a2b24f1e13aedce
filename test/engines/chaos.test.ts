import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stopAbandonedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { Factory, randomFrom } from '../support/chaos.js';
import { Seed } from '../support/seed.js';
import { neo4jOf } from '../support/server-process.js';
import { SlurmCluster } from '../support/slurm-cluster.js';

const JOBS = Number(process.env['WEFTLINE_CHAOS_JOBS'] ?? 40);
const SEED = Number(process.env['WEFTLINE_CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const SERVER_KILLS = 6;
/** As `npm test` builds it before. */
const RUNNER = join(import.meta.dirname, '../../dist/launchers/supervisor.js');

/** What the program of a job does: most leave a model, some end with an error, some do so in their first attempt alone. */
const KINDS = ['works', 'works', 'works', 'fails', 'works again'] as const;

let home: string;
let factory: Factory;
let slurm: SlurmCluster;
const ledger = (): string => join(home, 'ledger');

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'weftline-chaos-'));
  slurm = await SlurmCluster.start();
  const file = join(home, 'launchers.yaml');
  await writeFile(file, JSON.stringify({ launchers: launchers() })); // all JSON is YAML
  factory = await Factory.start(home, { WEFTLINE_LAUNCHERS: file, WEFTLINE_LOG_LEVEL: 'silent' });
}, 300_000);

afterAll(async () => {
  await factory.stop();
  await slurm.stop();
  await stopAbandonedNeo4j(join(home, 'neo4j'));
  await rm(home, { recursive: true, force: true });
});

function launchers(): object[] {
  const { url, user, keyFile } = slurm;
  const engine = { directory: join(home, 'slurm-jobs'), runner: [process.execPath, RUNNER], quietSeconds: 10 };
  return [
    { name: 'local', kind: 'local', concurrentJobs: 8 },
    { name: 'slurm', kind: 'slurm', ...engine, settings: { rest: { url, user, keyFile } } },
  ];
}

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
  launcher: string;
  state: string;
  attempt: number;
  versionId: string | null;
}

/** The jobs as they are in the database, once none is open. */
async function untilAllOver(): Promise<Ended[]> {
  for (;;) {
    await delay(1_000);
    // A controller that is just starting, and a job that ended meanwhile: the next look repairs what is left.
    await slurm.repair().catch(() => undefined);
    const driver = openDriver(neo4jOf(home));
    try {
      const query = `MATCH (j:TrainingJob) RETURN j.id AS id, j.launcher AS launcher, j.state AS state, toFloat(j.attempt) AS attempt,
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

it(
  'brings every job to one true end while servers, the database and the daemon of Slurm are killed',
  { timeout: 900_000 },
  async () => {
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
        const launcher = number % 4 === 0 ? 'slurm' : 'local';
        const input = { ...order, ...more, command: program(kind, (random() * 0.5).toFixed(2)), launcher };
        kinds.set(await factory.launch(input, random), kind);
      }
    };
    const killing = async (): Promise<void> => {
      const neo4jAt = Math.floor(random() * SERVER_KILLS);
      for (let kill = 0; kill < SERVER_KILLS; kill++) {
        await delay(1_000 + random() * 3_000);
        if (kill === neo4jAt) factory.killNeo4j();
        if (kill % 2 === 1) await slurm.killController();
        await factory.killServer(random() < 0.5 ? 0 : 1);
        if (kill % 2 === 1) await slurm.startController();
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
    let runs = 0;
    for (const job of jobs) {
      const kind = kinds.get(job.id);
      expect(job.state, kind).toBe(kind === 'fails' ? 'FAILED' : 'SUCCEEDED');
      // Slurm forgets what it was given just before it was killed: such an attempt never begins, and another follows.
      const began = [];
      for (let attempt = 1; attempt <= job.attempt; attempt++) {
        const [starts, ends] = [count('start', { id: job.id, attempt }), count('end', { id: job.id, attempt })];
        if (starts > 0 || job.launcher === 'local' || attempt === job.attempt) expect([starts, ends]).toEqual([1, 1]);
        if (starts > 0) began.push(attempt);
      }
      // The first attempt ends with the code that asks for another.
      expect(began, kind).toHaveLength(kind === 'works again' && began[0] === 1 ? 2 : 1);
      runs += began.length;
    }
    expect(lines).toHaveLength(2 * runs);
    const made = jobs.filter(({ state }) => state === 'SUCCEEDED').map(({ versionId }) => versionId);
    expect(new Set(made).size).toBe(made.length);
    const versions = 'query ($ref: AssetRef!) { asset(ref: $ref) { ... on Model { versions { totalCount } } } }';
    expect(await factory.ask(versions, { ref: model.id })).toEqual({
      asset: { versions: { totalCount: made.length } },
    });
  },
);
