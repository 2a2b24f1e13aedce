import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askAll } from './cold-asking.js';
import { countPlans, dearestNames, planAll } from './cold-planning.js';
import { percentile, round } from './load.js';
import { printTable, saveResults } from './results.js';
import { startAtHome, walkDemo } from './server-at-home.js';

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
    const dearest = dearestNames(cold.planning, 10);
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
