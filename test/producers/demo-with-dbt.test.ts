/** `npm run demo -- --with dbt`: what a real dbt made and reported lies on the way from the raw file to the model that serves. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demonstrate, type EndedDemo, treeOf } from '../support/demo.js';
import { ProducerEnvironment } from '../support/producers.js';

const BY_DBT = [
  'clean-and-split  (transformation)',
  '└─ penguins.main.full_clutches  (dataset, version …)',
  '   └─ penguins.main.station.full_clutches.build.run  (transformation)',
  '      └─ penguins.main.stg_penguins  (dataset, version …)',
  '         └─ penguins.main.station.stg_penguins.build.run  (transformation)',
  '            └─ penguins.main.penguins_raw  (dataset, version …, sha256:…)',
];
const TREE = [
  'penguin-api  (deployment)',
  '└─ penguin-classifier  (model, version v1, sha256:…)',
  '   └─ train-classifier  (transformation)',
  '      ├─ penguins.test  (dataset, version …, sha256:…)',
  ...BY_DBT.map((line, at) => `      │  ${at === 0 ? '└─ ' : '   '}${line}`),
  '      └─ penguins.train  (dataset, version …, sha256:…)',
  ...BY_DBT.map((line, at) => `         ${at === 0 ? '└─ ' : '   '}${line}`),
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weftline-demo-dbt-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the demo with dbt', () => {
  let first: EndedDemo;
  let second: EndedDemo;

  beforeAll(async () => {
    await ProducerEnvironment.of('dbt');
    const home = join(folder, 'home');
    first = await demonstrate(home, {}, ['--with', 'dbt']);
    second = await demonstrate(home, {}, ['--with=dbt']);
  });

  it('draws the way from what serves over what dbt made back to the raw file', () => {
    expect(first.code, first.text).toBe(0);
    expect(treeOf(first, TREE.length)).toEqual(TREE);
    expect(first.text).toContain('10 assets upstream, complete');
    expect(first.text).toContain('A bad raw file would touch 1 deployment: penguin-api.');
  });

  it('tells what the tests of dbt came to, as they were reported', () => {
    for (const { text } of [first, second])
      expect(text).toMatch(
        /\n +accepted_values Island: passed\n +not_null Species: passed\n +✔ penguins\.main\.full_clutches/,
      );
  });

  it('lets the labels of the raw file flow through what dbt did', () => {
    expect(first.text).toMatch(
      /labels\.purposes: penguins\.train [0-9a-f]{12} ← a run of clean-and-split ← penguins\.main\.full_clutches [0-9a-f-]{36} ← a run of penguins\.main\.station\.full_clutches\.build\.run ← penguins\.main\.stg_penguins [0-9a-f-]{36} ← a run of penguins\.main\.station\.stg_penguins\.build\.run ← penguins\.main\.penguins_raw [0-9a-f]{12}\n/,
    );
  });

  it('runs dbt again in a second run, and finds all that was made of the same data', () => {
    expect(second.code, second.text).toBe(0);
    expect(second.text).toMatch(/penguins\.main\.full_clutches, made by penguins\.main\.station\.full_clutches/);
    const made = [/job [0-9a-f-]{36}/, /v1, sha256:[0-9a-f]{12}/, /serves on penguin-api since \S+/];
    const found = ({ text }: EndedDemo): (string | undefined)[] => made.map((each) => each.exec(text)?.[0]);
    expect(found(second)).toEqual(found(first));
    expect(treeOf(second, TREE.length)).toEqual(TREE);
  });
});

describe('what the demo is run with', () => {
  const nowhere = (): Record<string, string> => ({ PATH: join(folder, 'bare'), WEFTLINE_CACHE: join(folder, 'empty') });

  it('says what to install where there is no dbt, and begins nothing', async () => {
    const home = join(folder, 'not-made');
    const ended = await demonstrate(home, nowhere(), ['--with', 'dbt']);
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.text).toMatch(
      /^There is no dbt-ol on the PATH or in \S+\/empty, and --with dbt needs one\. Install it there with "\.ci\/install-producers dbt", or by "pip install dbt-core dbt-duckdb openlineage-dbt" [^\n]+\n$/,
    );
    expect(existsSync(home)).toBe(false);
  });

  it.each([
    ['another', ['--with', 'airflow'], 'it names "airflow"'],
    ['another, after a sign', ['--with=spark'], 'it names "spark"'],
    ['none', ['--with'], 'it names nothing'],
  ])('refuses %s, and says what there is', async (_, args, said) => {
    const home = join(folder, 'not-made');
    const ended = await demonstrate(home, nowhere(), args);
    expect(ended).toEqual({
      code: 1,
      text: `--with says what the demo is run with, and ${said}: dbt is all that there is.\n`,
    });
    expect(existsSync(home)).toBe(false);
  });
});
