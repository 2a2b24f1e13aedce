import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everydayStatements } from '../src/everyday.statements.js';
import { asSent } from '../src/neo4j/parameter-map.js';
import type { openDriver } from '../src/neo4j/graph.js';
import { percentile, round } from './load.js';
import { readOperation } from './operations.js';
import { printTable, saveResults } from './results.js';
import { type HomeServer, startAtHome, walkDemo } from './server-at-home.js';

type Driver = ReturnType<typeof openDriver>;

const SAMPLES = join(import.meta.dirname, '../schema/operations');
/** A stream has no answer that ends. */
const asksOnce = (name: string): boolean =>
  !/^subscription/m.test(readFileSync(join(SAMPLES, `${name}.graphql`), 'utf8'));

/** What the samples leave open: things of the graph of the demo. The first that fits a word of the place is taken. */
const OPEN = `
OPTIONAL MATCH (mv:ModelVersion) WITH mv ORDER BY mv.id DESC LIMIT 1
OPTIONAL MATCH (dv:DatasetVersion) WITH mv, dv ORDER BY dv.id LIMIT 1
OPTIONAL MATCH (job:TrainingJob) WITH mv, dv, job ORDER BY job.id DESC LIMIT 1
OPTIONAL MATCH (team:Team) WITH mv, dv, job, team ORDER BY team.id LIMIT 1
OPTIONAL MATCH (user:Principal) WHERE NOT user:Team WITH mv, dv, job, team, user ORDER BY user.id DESC LIMIT 1
OPTIONAL MATCH (run:Run) WITH mv, dv, job, team, user, run ORDER BY run.id DESC LIMIT 1
OPTIONAL MATCH (live:Deployment) WITH mv, dv, job, team, user, run, live ORDER BY live.id LIMIT 1
RETURN mv.id AS modelVersion, dv.id AS datasetVersion, job.id AS job, team.id AS team, user.id AS user, run.id AS run, live.id AS asset`;

/** One sample, asked twice of a server that was just started. */
interface Answers {
  name: string;
  firstMs: number;
  secondMs: number;
  /** What it was told, where the graph has nothing for it. */
  refused: string | null;
}

async function openPlaces(server: HomeServer): Promise<(place: string, sample: string) => string> {
  const driver = server.openDriver();
  try {
    const { records } = await driver.executeQuery(OPEN);
    const id = (of: string): string => String(records[0]?.get(of) ?? 'none');
    return (place, sample) => {
      if (/job/.test(place)) return id('job');
      if (/run/.test(place)) return id('run');
      if (/team/.test(place) || /team/.test(sample)) return id('team');
      if (/user|account|principal/.test(place)) return id('user');
      if (/data set version/.test(place)) return id('datasetVersion');
      if (/version/.test(place)) return /run|publish/.test(sample) ? id('datasetVersion') : id('modelVersion');
      if (/urn/.test(place)) return id('asset');
      return /explain|grant/.test(sample) ? id('user') : place;
    };
  } finally {
    await driver.close();
  }
}

async function askAll(server: HomeServer): Promise<Answers[]> {
  const fill = await openPlaces(server);
  const answers: Answers[] = [];
  for (const name of readdirSync(SAMPLES)
    .sort()
    .map((file) => file.replace('.graphql', ''))) {
    if (!asksOnce(name)) continue;
    const { query, variables } = readOperation(name);
    const filled = JSON.stringify(variables).replace(/<([^>"]*)>/g, (_, place: string) => fill(place, name));
    const operation = { query, variables: JSON.parse(filled) as Record<string, unknown> };
    const first = await server.time(operation);
    const second = await server.time(operation);
    answers.push({ name, firstMs: round(first.ms), secondMs: round(second.ms), refused: first.errors[0] ?? null });
  }
  return answers;
}

/** How many plans the database keeps; it forgets them. */
async function countPlans(driver: Driver): Promise<number> {
  const { records } = await driver.executeQuery('CALL db.clearQueryCaches()');
  return Number(/\d+/.exec(String(records[0]?.get('value')))?.[0] ?? Number.NaN);
}

/** Milliseconds of each statement, planned once more by a Java that has planned all of them before. */
async function planAll(driver: Driver): Promise<{ name: string; ms: number }[]> {
  const plan = async () => {
    const times: { name: string; ms: number }[] = [];
    for (const statement of everydayStatements()) {
      const began = performance.now();
      await driver.executeQuery(`EXPLAIN ${asSent(statement)}`, { p: {} });
      times.push({ name: /^\/\/ (\S+)/.exec(statement)?.[1] ?? '', ms: round(performance.now() - began) });
    }
    return times;
  };
  await plan();
  await countPlans(driver);
  return (await plan()).sort((a, b) => b.ms - a.ms);
}

function summary(name: string, times: readonly number[]) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => round(percentile(sorted, share));
  return { name, count: times.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
}

/** A server just started on the graph of the demo, that plans ahead or not. */
async function measureStart(home: string, ahead: boolean) {
  const server = await startAtHome(home, { WEFTLINE_PLAN_AHEAD: String(ahead) });
  const driver = server.openDriver();
  try {
    const began = performance.now();
    if (ahead) await server.until(/The statements are planned/);
    const planningSeconds = ahead ? round((performance.now() - began) / 1000) : null;
    const answers = await askAll(server);
    const plans = await countPlans(driver);
    return { answers, plans, planningSeconds, planning: ahead ? [] : await planAll(driver) };
  } finally {
    await driver.close();
    await server.stop();
  }
}

/** What the first to ask after a start waits for, with and without plans made ahead, and what all plans cost. */
export async function benchCold(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'weftline-bench-'));
  try {
    await walkDemo(home);
    const cold = await measureStart(home, false);
    const ahead = await measureStart(home, true);
    const rows = [
      summary(
        'first answers, nothing planned',
        cold.answers.map(({ firstMs }) => firstMs),
      ),
      summary(
        'second answers',
        cold.answers.map(({ secondMs }) => secondMs),
      ),
      summary(
        'first answers, planned ahead',
        ahead.answers.map(({ firstMs }) => firstMs),
      ),
      summary(
        'plans, with a warm Java',
        cold.planning.map(({ ms }) => ms),
      ),
    ];
    const cells = rows.map(({ name, count, p50Ms, p95Ms, maxMs }) => [
      name,
      ...[count, p50Ms, p95Ms, maxMs].map(String),
    ]);
    printTable([['', 'of', 'p50 ms', 'p95 ms', 'max ms'], ...cells]);
    const total = round(cold.planning.reduce((sum, { ms }) => sum + ms, 0) / 1000);
    const dearest = cold.planning.slice(0, 10);
    process.stdout.write(
      `All ${cold.planning.length} statements: ${total} s. The dearest: ${dearest.map(({ name, ms }) => `${name} ${ms}`).join(', ')}.\n` +
        `Plans kept after the samples: ${cold.plans}. Planning ahead took ${ahead.planningSeconds ?? 0} s beside an idle server.\n`,
    );
    const refused = cold.answers.filter((each) => each.refused !== null).map(({ name }) => name);
    process.stdout.write(`Refused, as the graph has nothing for them: ${refused.join(', ') || 'none'}.\n`);
    return saveResults('cold', { summary: rows, planningSeconds: total, dearest, cold, ahead });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
