import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { split } from '../support/example-programs.js';
import {
  type JobView,
  launch,
  LEAVES_A_MODEL,
  type Line,
  node,
  readJob,
  readLog,
  Workbench,
} from '../support/training.js';
import { endTime, grant } from '../support/access.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const EXAMPLE = join(import.meta.dirname, '../../examples/penguins');
const RAW = join(EXAMPLE, 'penguins-raw.csv');
const JOBS = join(import.meta.dirname, '../../.weftline/test/jobs');
const WAITS = "console.log('ready'); setInterval(() => {}, 1000);";
const LIMITS = { WEFTLINE_MAX_MODEL_BYTES: '1000000', WEFTLINE_MAX_LOG_BYTES: '1000000' };

// The worker of this server is started and stopped by the tests: some need a job that nobody has taken up yet.
let server: TestWeftline;
let bench: Workbench;
let scratch: string;

beforeAll(async () => {
  server = await startTestWeftline({ environment: LIMITS });
  bench = await Workbench.open(server, 'bench');
  scratch = await mkdtemp(join(tmpdir(), 'weftline-training-'));
});

afterAll(async () => {
  await server.weftline.runner.stop();
  await server.stop();
  await rm(scratch, { recursive: true, force: true });
});

async function pidOf(job: JobView, of: 'supervisor' | 'program'): Promise<number> {
  const name = of === 'program' ? 'program.json' : 'claim.json';
  const text = await readFile(join(JOBS, job.attempts.at(-1)?.externalId ?? '', name), 'utf8');
  const record = JSON.parse(text) as { identity?: { pid: number }; owner?: { pid: number } };
  const pid = (record.identity ?? record.owner)?.pid;
  if (pid === undefined) throw new Error(`${name} of the job ${job.id} names no process.`);
  return pid;
}

describe('a job that nobody has taken up', () => {
  it('is cancelled without ever reaching the launcher', async () => {
    const id = await bench.launch(node(LEAVES_A_MODEL));
    expect(await bench.cancel(id)).toBe('PENDING');
    server.weftline.runner.start();
    const job = await bench.until(id, ({ state }) => state === 'CANCELLED');
    await server.weftline.runner.stop();
    expect(job.attempts).toMatchObject([{ number: 1, externalId: null }]);
    expect(job).toMatchObject({ failure: { code: 'CANCELLED_BY_USER' }, run: { state: 'CANCELLED' } });
  });

  it('fails when the right to its data ended before the work began', async () => {
    const other = await Workbench.open(server, 'ended');
    const grant = await bench.grant(other.owner);
    const id = await other.launch(node(LEAVES_A_MODEL), { inputs: [bench.version] });
    await bench.revoke(grant);
    server.weftline.runner.start();
    const job = await other.until(id, ({ state }) => state === 'FAILED');
    await server.weftline.runner.stop();
    expect(job.failure?.code).toBe('ACCESS_ENDED');
    // Whoever sees the transformation reads the message: it names nothing that may be hidden from them.
    expect(job.failure?.message).toContain('input 1 of 1');
    expect(job.failure?.message).not.toContain(bench.data.urn);
    expect(job.attempts).toMatchObject([{ externalId: null }]);
  });

  it.each(['transformation', 'output model'])(
    'fails when the right to its %s ended before the work began',
    async (which) => {
      const [lender, other] = [
        await Workbench.open(server, `lent ${which}`),
        await Workbench.open(server, `lends ${which}`),
      ];
      const [asset, member] =
        which === 'transformation'
          ? [lender.trainer.id, { transformation: lender.trainer.id }]
          : [lender.model.id, { output: lender.model.id }];
      const given = await grant(lender.owner, asset, other.owner.userId, ['EDIT']);
      const id = await other.launch(node(LEAVES_A_MODEL), member);
      await (which === 'transformation' ? endTime(server, given, 'expiresAt') : lender.revoke(given));
      server.weftline.runner.start();
      const job = await other.until(id, ({ state }) => state === 'FAILED');
      await server.weftline.runner.stop();
      expect(job.failure?.code).toBe('ACCESS_ENDED');
      expect(job.failure?.message).toContain(`EDIT the ${which}`);
    },
  );
});

describe('the log of a training', () => {
  const LOGS = 'query ($id: ID!) { trainingJob(id: $id) { state logs(first: 1) { nodes { text } } } }';
  const STREAM = 'subscription ($id: ID!) { trainingJobLog(id: $id) { text } }';

  it('is for who launched it and who may EDIT what it works with, not for all who see the job', async () => {
    const id = await bench.launch(node(LEAVES_A_MODEL));
    const [stranger, editor, auditor] = [
      await server.user(),
      await server.user(),
      await server.user({ role: 'AUDITOR' }),
    ];
    await grant(bench.owner, bench.model.id, editor.userId, ['EDIT']);
    const refused = await stranger.ask<{ trainingJob: { state: string; logs: unknown } }>(LOGS, { id });
    expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    expect(refused.data?.trainingJob).toMatchObject({ state: expect.any(String) as string, logs: null });
    for (const as of [bench.owner, editor, auditor]) expect((await as.ask(LOGS, { id })).errors).toBeUndefined();
    const heard = (await stranger.subscribe(STREAM, { id }).next()).value as {
      errors?: { extensions: { code: string } }[];
    };
    expect(heard.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const FACETS = 'query ($id: ID!) { trainingJob(id: $id) { run { facets } } }';
    expect(JSON.stringify(await bench.owner.data(FACETS, { id }))).toContain('weftline_command');
    expect(JSON.stringify(await stranger.data(FACETS, { id }))).not.toContain('weftline_command');
    await bench.cancel(id);
  });
});

describe('a training', () => {
  beforeAll(() => server.weftline.runner.start());

  interface Event {
    trainingJobChanged: { cursor: string; change: string; state: string };
  }
  const CHANGES = `subscription ($id: ID!, $after: String) {
    trainingJobChanged(id: $id, after: $after) { cursor change state } }`;
  const LOG = `subscription ($id: ID!, $after: String) { trainingJobLog(id: $id, after: $after) { cursor stream text } }`;

  async function changesAfter(id: string, after: string | null): Promise<Event['trainingJobChanged'][]> {
    const events: Event['trainingJobChanged'][] = [];
    for await (const { data, errors } of bench.owner.subscribe<Event>(CHANGES, { id, after })) {
      if (!data) throw new Error(`The stream broke: ${JSON.stringify(errors)}`);
      events.push(data.trainingJobChanged);
    }
    return events;
  }

  async function logAfter(id: string, after: string | null): Promise<Line[]> {
    const lines: Line[] = [];
    for await (const { data } of bench.owner.subscribe<{ trainingJobLog: Line }>(LOG, { id, after })) {
      if (data) lines.push(data.trainingJobLog);
    }
    return lines;
  }

  it('makes of real data a version with its digest, its metrics and its exact origin', async () => {
    const { outputs } = await split(scratch, RAW, '7');
    const versions = await Promise.all(
      outputs.map(async ({ name, path, sha256, rows }) => {
        const dataset = await bench.seed.dataset(`penguins.${name}`);
        const uri = pathToFileURL(path).href;
        const id = await bench.seed.datasetVersion(dataset.id, '1', {
          uri,
          digest: `sha256:${sha256}`,
          rowCount: rows,
        });
        return { dataset, id };
      }),
    );
    const parameters = { epochs: 60, sleepMs: 20 };
    const inputs = versions.map(({ id }) => id);
    const id = await bench.launch([process.execPath, join(EXAMPLE, 'train.mjs')], { inputs, parameters });
    const [events, log] = await Promise.all([changesAfter(id, null), logAfter(id, null)]);
    const job = await bench.untilOver(id);

    expect(job).toMatchObject({ state: 'SUCCEEDED', failure: null, progress: 1, run: { state: 'SUCCEEDED' } });
    expect(job.run.inputs.map((input) => input.id).sort()).toEqual([...inputs].sort());
    expect(job.usage?.cpuSeconds).toBeGreaterThan(0);
    expect(job.usage?.gpuSeconds).toBe(0);
    const bytes = await readFile(fileURLToPath(job.modelVersion?.uri ?? ''));
    expect(job.modelVersion).toMatchObject({
      version: 'v1',
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    });

    const states = events.filter(({ change }) => change === 'STATE').map(({ state }) => state);
    expect(states).toEqual(['PENDING', 'SUBMITTING', 'QUEUED', 'RUNNING', 'SUCCEEDED']);
    expect(events.filter(({ change }) => change === 'REPORT').length).toBeGreaterThan(0);
    expect(events.at(-1)).toMatchObject({ change: 'STATE', state: 'SUCCEEDED' });
    for (const [index, { cursor }] of events.entries()) {
      const rest = await changesAfter(id, cursor);
      const steps = (of: typeof events) => of.filter(({ change }) => change === 'STATE').map(({ state }) => state);
      expect(steps(rest)).toEqual(steps(events.slice(index + 1)));
      if (index === events.length - 1) expect(rest).toEqual([]);
    }

    expect(log.map((line) => line.text)).toContainEqual(expect.stringContaining('Softmax regression on penguins'));
    expect(await logAfter(id, log[9]?.cursor ?? null)).toEqual(log.slice(10));
    for (const pageSize of [3, 200]) expect(await readLog(bench.owner, id, pageSize)).toEqual(log);

    const origin = await bench.owner.data(
      `query ($version: ID!, $model: AssetRef!) {
        node(id: $version) { ... on ModelVersion { parameters metrics generatedBy { id job { id } } } }
        lineage(of: [$model], direction: UPSTREAM) { nodes { depth asset { id } } completeness { complete } } }`,
      { version: job.modelVersion?.id, model: bench.model.id },
    );
    expect(origin).toMatchObject({
      node: { parameters, generatedBy: { id: job.run.id, job: { id } } },
      lineage: { completeness: { complete: true } },
    });
    const { node: version, lineage } = origin as {
      node: { metrics: Record<string, number> };
      lineage: { nodes: { depth: number; asset: { id: string } }[] };
    };
    expect(version.metrics['testAccuracy']).toBeGreaterThan(0.9);
    const upstream = new Map(lineage.nodes.map(({ asset, depth }) => [asset.id, depth]));
    expect(upstream.get(bench.trainer.id)).toBe(1);
    for (const { dataset } of versions) expect(upstream.get(dataset.id)).toBe(2);
  });

  it('numbers versions on from the highest, also when somebody published that by hand', async () => {
    const own = await Workbench.open(server, 'numbered');
    await own.seed.modelVersion(own.model.id, 'v7');
    await own.seed.modelVersion(own.model.id, 'final');
    const jobs = await Promise.all([1, 2].map(() => own.runToEnd(node(LEAVES_A_MODEL))));
    expect(jobs.map((job) => job.modelVersion?.version).sort()).toEqual(['v8', 'v9']);
  });

  it('runs its program once when eight launches race with one key', async () => {
    const own = await Workbench.open(server, 'once');
    const trace = join(scratch, 'once');
    const input = own.order(node(`fs.appendFileSync(${JSON.stringify(trace)}, 'ran '); ${LEAVES_A_MODEL}`));
    const [first] = await Promise.all(Array.from({ length: 8 }, () => launch(own.owner, input)));
    await own.untilOver(first?.id ?? '');
    expect(await readFile(trace, 'utf8')).toBe('ran ');
    const jobs = await own.owner.data(
      'query ($of: AssetRef!) { trainingJobs(filter: { transformation: $of }) { totalCount } }',
      { of: own.trainer.id },
    );
    expect(jobs).toEqual({ trainingJobs: { totalCount: 1 } });
  });

  it('is told of no path for what lies in another store', async () => {
    const version = await bench.seed.datasetVersion(bench.data.id, 'far', { uri: 's3://bucket/data.csv' });
    const program = node(`fs.copyFileSync(process.env.WEFTLINE_INPUTS, out + '/model')`);
    const job = await bench.runToEnd(program, { inputs: [version] });
    const told = JSON.parse(await readFile(fileURLToPath(job.modelVersion?.uri ?? ''), 'utf8')) as unknown;
    expect(told).toMatchObject({ inputs: [{ uri: 's3://bucket/data.csv', path: null }] });
  });

  it('keeps the last of many metrics, and passes over lines that are none', async () => {
    const tell = (line: string): string => `fs.appendFileSync(process.env.WEFTLINE_EVENTS, ${line} + '\\n');`;
    const good = `'{"type":"metric","name":"loss","value":' + i + '}'`;
    const program = `for (let i = 0; i < 3000; i++) { ${tell(good)} } ${tell("'no json'")} ${tell(`'{"type":"metric","value":NaN}'`)}`;
    const job = await bench.runToEnd(node(program + LEAVES_A_MODEL));
    expect(job).toMatchObject({ state: 'SUCCEEDED', metrics: { loss: 2999 } });
  });

  it('keeps as many names of metrics as a job may have, those of its manifest first, and says so at the job', async () => {
    const tell = `fs.appendFileSync(process.env.WEFTLINE_EVENTS, Array.from({ length: 5000 }, (_, n) => '{"type":"metric","name":"m' + n + '","value":1}\\n').join(''));`;
    const manifest = `fs.writeFileSync(out + '/manifest.json', JSON.stringify({ metrics: { final: 2 } }));`;
    const { id, state, metrics } = await bench.runToEnd(node(tell + manifest + LEAVES_A_MODEL));
    expect(state).toBe('SUCCEEDED');
    expect(Object.keys(metrics)).toHaveLength(1_000);
    expect(metrics).toMatchObject({ final: 2, m0: 1 });
    const { trainingJob } = await bench.owner.data<{ trainingJob: { reportNote: string | null } }>(
      'query ($id: ID!) { trainingJob(id: $id) { reportNote } }',
      { id },
    );
    expect(trainingJob.reportNote).toBe('Not all metrics were kept: a job may have 1000 names.');
  });

  it('is not harmed by 300 MB of log, of which it keeps the beginning and the end', async () => {
    const program = `const line = 'x'.repeat(999) + '\\n'; for (let i = 0; i < 300; i++) fs.writeSync(1, line.repeat(1000));
      console.log('the end'); ${LEAVES_A_MODEL}`;
    const job = await bench.runToEnd(node(program));
    expect(job.state).toBe('SUCCEEDED');
    const lines = await readLog(bench.owner, job.id, 200);
    expect(lines.reduce((sum, line) => sum + line.text.length, 0)).toBeLessThan(1_100_000);
    expect(lines.some((line) => line.text === 'the end')).toBe(true);
    expect(lines.some((line) => line.stream === 'SYSTEM' && line.text.includes('dropped'))).toBe(true);
  }, 300_000);
});

describe('a training that does not succeed', () => {
  const ends: [string, string[], string, RegExp][] = [
    ['has no such program', ['/no/such/program'], 'START_FAILED', /was not found/],
    ['ends with an error', node("console.error('no data'); process.exit(1)"), 'EXIT_CODE', /exit code 1.*no data/s],
    ['leaves no model', node(''), 'RESULT_MISSING', /WEFTLINE_OUTPUT/],
    ['leaves too much', node("fs.writeFileSync(out + '/model', Buffer.alloc(1000001))"), 'OUTPUT_TOO_LARGE', /1000000/],
  ];
  it.each(ends)('says why: it %s', async (_, command, code, message) => {
    const job = await bench.runToEnd(command);
    expect(job).toMatchObject({ state: 'FAILED', failure: { code }, run: { state: 'FAILED' }, modelVersion: null });
    expect(job.failure?.message).toMatch(message);
  });

  it('says which signal ended the program', async () => {
    const job = await bench.runToEnd(node("process.kill(process.pid, 'SIGKILL')"));
    expect(job).toMatchObject({ state: 'FAILED', failure: { code: 'SIGNAL' } });
  });

  it('is stopped when its time is over', async () => {
    const job = await bench.runToEnd(node(WAITS), { timeoutSeconds: 1 });
    expect(job).toMatchObject({ state: 'TIMED_OUT', failure: { code: 'RUN_TIMEOUT' }, run: { state: 'FAILED' } });
  });

  it('is cancelled by its owner and by no stranger, and then stays so', async () => {
    const stranger = await server.user();
    const id = await bench.launch(node(WAITS));
    await bench.untilLogged(id, 'ready');
    await expect(bench.cancel(id, stranger)).rejects.toThrow('FORBIDDEN');
    await bench.cancel(id);
    const job = await bench.untilOver(id);
    expect(job).toMatchObject({ state: 'CANCELLED', run: { state: 'CANCELLED' } });
    expect(await bench.cancel(id)).toBe('CANCELLED');
    await delay(600);
    expect(await readJob(bench.owner, id)).toEqual(job);
  });

  async function loseFirstAttempt(id: string): Promise<void> {
    await bench.untilLogged(id, 'ready');
    const job = await bench.job(id);
    const [supervisor, program] = await Promise.all([pidOf(job, 'supervisor'), pidOf(job, 'program')]);
    process.kill(supervisor, 'SIGKILL');
    process.kill(program, 'SIGKILL');
  }

  it('is lost with its supervisor and program', async () => {
    const id = await bench.launch(node(WAITS));
    await loseFirstAttempt(id);
    const job = await bench.untilOver(id);
    expect(job).toMatchObject({ state: 'LOST', failure: { code: 'BACKEND_LOST' }, run: { state: 'FAILED' } });
    expect(job.endedAt).not.toBeNull();
  });

  it('is tried again when that was asked for, and keeps the log of the attempt that was lost', async () => {
    const program = `if (process.env.WEFTLINE_ATTEMPT === '1') { ${WAITS} } else { console.log('again'); ${LEAVES_A_MODEL} }`;
    const id = await bench.launch(node(program), { maxRetries: 1 });
    await loseFirstAttempt(id);
    const job = await bench.untilOver(id);
    expect(job.state).toBe('SUCCEEDED');
    expect(job.attempts).toMatchObject([
      { number: 1, state: 'LOST', reason: 'BACKEND_LOST' },
      { number: 2, state: 'SUCCEEDED', exitCode: 0 },
    ]);
    for (const pageSize of [2, 200]) {
      const said = (await readLog(bench.owner, id, pageSize)).filter((line) => line.stream === 'STDOUT');
      expect(said.map((line) => line.text)).toEqual(['ready', 'again']);
    }
  });
});
