import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDriver } from '../../src/neo4j/graph.js';
import { migrate } from '../../src/wiring/migrate.js';
import { type GraphFile, writeGraph } from '../support/older/graph-file.js';
import { type Recording, replay, textsIn } from '../support/older/replay.js';
import { type OwnGraph, ownBareGraph } from '../support/own-graph.js';
import { startTestWeftline } from '../support/weftline.js';

/** Written by scripts/record-older-graph.mjs: the graph of a version with migrations up to V012, and what it answered on it. */
const DATA = join(import.meta.dirname, '../data');
const MIGRATIONS = join(import.meta.dirname, '../../migrations');
const graph = JSON.parse(readFileSync(join(DATA, 'older-graph.json'), 'utf8')) as GraphFile;
const recording = JSON.parse(readFileSync(join(DATA, 'older-answers.json'), 'utf8')) as Recording;

/** Lists that are connections since, by the sample that asks them: it asks for their rows, and finds them in their place. */
const CONNECTIONS: Readonly<Record<string, string>> = { '36-who-can-sign-in.graphql': 'principals' };

const folder = mkdtempSync(join(tmpdir(), 'weftline-older-'));
let server: OwnGraph;
let driver: Driver;
let applied: string[];
let answers: unknown[];

beforeAll(async () => {
  server = await ownBareGraph();
  driver = openDriver(server);
  await migrate(driver, { directory: olderMigrations() });
  await driver.executeQuery('MATCH (n) DETACH DELETE n');
  await writeGraph(driver, graph);
  ({ applied } = await migrate(driver));
  answers = await askAgain();
});

afterAll(async () => {
  await driver.close();
  await server.giveBack();
  rmSync(folder, { recursive: true, force: true });
});

describe('a graph that the version with migrations up to V012 wrote', () => {
  it('is migrated, however much later', () => {
    expect(applied[0]).toMatch(/^V013__/);
  });

  it('was asked by all samples of that version, of whoever may read by several people', () => {
    expect(new Set(recording.steps.map(({ file }) => file))).toEqual(new Set(Object.keys(recording.texts)));
    expect(recording.steps.length).toBeGreaterThan(200);
    const refused = recording.answers.filter((answer) => 'errors' in (answer as object)).length;
    expect(refused).toBeLessThan(recording.answers.length / 4);
  });

  it.each(recording.steps.map(({ file, as }, place) => ({ file, as, place })))(
    'answers $file to $as as it did then',
    ({ place }) => {
      expect(answers[place]).toEqual(recording.answers[place]);
    },
  );
});

/** At the time it was asked then: the tokens, grants and offers of the graph have run out since. */
async function askAgain(): Promise<unknown[]> {
  const behind = Date.now() - Date.parse(recording.at);
  const now = (): Date => new Date(Date.now() - behind);
  const weftline = await startTestWeftline({ database: server, now });
  try {
    return (await replay(asAskedNow(recording), weftline, textsIn(graph))).map(asAnsweredThen);
  } finally {
    await weftline.stop();
  }
}

/** The samples in the words of this version. */
function asAskedNow({ texts, ...rest }: Recording): Recording {
  const asked = Object.entries(texts).map(([file, text]) => {
    const list = CONNECTIONS[file];
    return [
      file,
      list === undefined
        ? text
        : text
            .replace(/(\n {2}\w+\([^)]*\) \{)([^]*)(\n {2}\}\n\}\n)$/, '$1 nodes {$2 }$3')
            .replace(`${list}(`, `${list}(first: 200, `),
    ];
  });
  return { ...rest, texts: Object.fromEntries(asked) as Recording['texts'] };
}

interface Answered {
  data?: Record<string, { nodes: unknown[] } | undefined> | null;
  errors?: { path: (string | number)[] }[];
}

/** The answer with the rows of such a list in the place of the list. */
function asAnsweredThen(answer: unknown, step: number): unknown {
  const list = CONNECTIONS[recording.steps[step]?.file ?? ''];
  const { data, errors } = answer as Answered;
  const connection = list === undefined ? undefined : data?.[list];
  if (connection === undefined || list === undefined) return answer;
  const withoutNodes = errors?.map((each) => ({ ...each, path: each.path.filter((step) => step !== 'nodes') }));
  return { ...(withoutNodes ? { errors: withoutNodes } : {}), data: { ...data, [list]: connection.nodes } };
}

function olderMigrations(): string {
  const directory = mkdtempSync(join(folder, 'migrations-'));
  for (const name of readdirSync(MIGRATIONS).filter((each) => each < 'V013')) {
    cpSync(join(MIGRATIONS, name), join(directory, name));
  }
  return directory;
}
