import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { round } from './load.js';
import { readOperation } from './operations.js';
import type { HomeServer } from './server-at-home.js';

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
export interface Answers {
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

/** Asks every sample that has one answer, twice in a row. */
export async function askAll(server: HomeServer): Promise<Answers[]> {
  const fill = await openPlaces(server);
  const answers: Answers[] = [];
  for (const name of readdirSync(SAMPLES)
    .filter((file) => file.endsWith('.graphql'))
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
