import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ACTIONS } from '../../../src/governance/policies/facts.js';
import { allFacts, factsSchema } from '../../../src/governance/policies/facts-schema.js';
import { readPolicyFolder } from '../../../src/governance/policies/policy-folder.js';
import { PolicySet } from '../../../src/governance/policies/policy-set.js';
import { readPolicyTests, runPolicyTest } from '../../../src/governance/policies/policy-tests.js';

const ROOT = join(import.meta.dirname, '../../..');
const texts = readPolicyFolder(join(ROOT, 'policies'));
const set = PolicySet.load(texts);
const tests = readPolicyTests(texts.tests, set);

describe('the policies that are shipped', () => {
  it.each(tests.map((test) => [`${test.file}: ${test.name}`, test] as const))('%s', (_name, test) => {
    expect(runPolicyTest(set, test).failures).toEqual([]);
  });

  it('have a test that each passes, one that it does not, and one that a fact is unknown', () => {
    const tried = (wanted: readonly string[]) =>
      new Set(
        tests.flatMap(({ expected }) =>
          Object.entries(expected.policies).flatMap(([id, verdict]) => (wanted.includes(verdict) ? [id] : [])),
        ),
      );
    const forbids = set.policies.filter(({ effect }) => effect === 'forbid').map(({ id }) => id);
    expect(forbids.length).toBeGreaterThan(30);
    for (const wanted of [['PASS'], ['FAIL', 'WARN'], ['UNKNOWN']])
      expect(forbids.filter((id) => !tried(wanted).has(id))).toEqual([]);
  });

  it('have the schema that follows from the facts', () => {
    expect(texts.schema).toBe(factsSchema());
    const declared = new Map(allFacts().map(({ name, kind }) => [name, kind]));
    for (const action of ACTIONS) expect(set.factsOf(action)).toEqual(declared);
  });

  it('are told in docs/policies.md, and so is each fact', () => {
    const docs = readFileSync(join(ROOT, 'docs/policies.md'), 'utf8').replace(/ +\|/g, ' |');
    expect(set.policies.filter(({ id }) => !docs.includes(`\`${id}\``)).map(({ id }) => id)).toEqual([]);
    expect(
      allFacts()
        .filter(({ name, kind, says }) => !docs.includes(`| \`${name}\` | ${kind} | ${says} |`))
        .map(({ name }) => name),
    ).toEqual([]);
  });

  it('give a person a source for each', () => {
    expect(set.policies.filter(({ text }) => !text.includes('@source("')).map(({ id }) => id)).toEqual([]);
  });
});
