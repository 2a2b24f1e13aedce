import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/governance/policies/decide.js';
import { ACTIONS } from '../../../src/governance/policies/facts.js';
import { allFacts } from '../../../src/governance/policies/facts-schema.js';
import { readPolicyFolder } from '../../../src/governance/policies/policy-folder.js';
import { PolicySet } from '../../../src/governance/policies/policy-set.js';

const set = PolicySet.load(readPolicyFolder(join(import.meta.dirname, '../../../policies')));
const FACT_NAMES = allFacts().map(({ name }) => name);
/** Values that the policies tell apart, so that all outcomes come up. */
const VALUES = {
  String: ['', 'production', 'staging', 'EU', 'RESEARCH', 'ANY', 'LOW', 'HIGH'],
  Long: [-1, 0, 1, 2, 604_801, 31_536_001],
  Bool: [false, true],
  'Set<String>': [[], [], ['EU', 'RESEARCH', ''], ['MIT'], ['HEALTH'], ['intendedUse', 'GPL-3.0-only']],
} as const;

type Tree = { [name: string]: unknown };

/** Facts of which each is there with a value of its kind. */
const facts = fc
  .tuple(...allFacts().map(({ kind }) => fc.constantFrom<unknown>(...VALUES[kind])))
  .map((values) => values.reduce<Tree>((tree, value, index) => placed(tree, FACT_NAMES[index] ?? '', value), {}));
/** Mostly facts that nothing is wrong with, so that PERMIT is not rare. */
const mild = fc
  .tuple(facts, fc.array(fc.constantFrom(...FACT_NAMES), { maxLength: 3 }))
  .map(([wild, taken]) =>
    taken.reduce((tree, name) => placed(tree, name, valueOf(wild, name)), structuredClone(ALLOWED)),
  );

const ALLOWED: Tree = {
  ...{ purpose: 'RESEARCH', environment: 'staging', region: 'EU', tier: 'LOW', requester: 'ada', codeAuthors: [] },
  labels: {
    ...{ classification: { level: 'PUBLIC', rank: 0 }, personalData: [], regions: ['EU'], purposes: ['RESEARCH'] },
    licences: {
      ...{ expression: 'MIT', ids: ['MIT'], nonCommercial: false },
      noDerivatives: false,
      shareAlike: false,
      unresolved: [],
    },
    ...{ retainUntil: -1, deleteBy: 1, embargo: -1, legalHolds: [], quality: 100, conflicts: [], own: [] },
  },
  inputs: { count: 1, unpinned: 0, qualityFailed: 0, qualityUnchecked: 0, oldestQualitySeconds: 1 },
  ...{ contaminated: false, writeDown: [], clearance: { actorRank: 3, enclaveRank: 3 } },
  approvals: { independent: 0, dependent: 0, otherDigests: 0, expired: 0, rejected: 0 },
  quota: { limited: false, limitGpuSeconds: 0, committedGpuSeconds: 0, requestedGpuSeconds: 0 },
  ...{ modelCard: { missing: [] }, model: { ageSeconds: 1, evaluationAgeSeconds: 1, baseRetired: false }, orphans: 0 },
  breakGlass: { active: false, reason: '', secondsLeft: 0, secondPersonNotified: false, overdueReviews: 0 },
};

/** Which fact is taken away of what; of a deployment to production with nothing wrong, so that asking for an approval is not rare. */
const request = fc.record({
  asked: fc.oneof(
    { weight: 9, arbitrary: fc.record({ action: fc.constantFrom(...ACTIONS), facts: fc.oneof(facts, mild) }) },
    {
      weight: 1,
      arbitrary: fc.constant({ action: 'deployModel' as const, facts: { ...ALLOWED, environment: 'production' } }),
    },
  ),
  lost: fc.uniqueArray(fc.constantFrom(...FACT_NAMES, 'labels', 'inputs', 'approvals', 'labels.licences'), {
    minLength: 1,
    maxLength: 4,
  }),
});

const outcomeOf = (by: PolicySet, action: (typeof ACTIONS)[number], known: Tree, unknown: readonly string[]) =>
  decide(by, { action, principal: 'ada', resource: 'model', facts: { ...known, unknown } });

describe('whatever the facts are', () => {
  it('a fact that is removed, or made unknown, never turns what was forbidden into a permission', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(request, ({ asked: { action, facts: known }, lost }) => {
        const before = outcomeOf(set, action, known, []).outcome;
        seen.add(before);
        const unknown = outcomeOf(set, action, known, lost).outcome;
        const removed = outcomeOf(set, action, lost.reduce(without, known), []).outcome;
        expect(unknown).toBe(removed);
        // Nothing becomes easier: an approval that was asked for stays asked for, or it is forbidden.
        expect([before, 'FORBID']).toContain(unknown);
      }),
      { numRuns: 400 },
    );
    expect([...seen].sort()).toEqual(['FORBID', 'NEEDS_APPROVAL', 'PERMIT']);
  });

  it('a policy that errors never lets through', () => {
    const permit = '@id("all") @reason("Permitted.") permit (principal, action, resource);';
    const broken = '(9223372036854775807 + 1 > 0)';
    const effects = ['forbid', 'permit'] as const;
    const severities = ['', '@severity("warn")', '@severity("approval")'];
    fc.assert(
      fc.property(
        fc.constantFrom(...effects),
        fc.constantFrom(...severities),
        request,
        (effect, severity, { asked: { action, facts: known } }) => {
          const annotated = effect === 'permit' ? '' : severity;
          const text = `${permit}\n@id("b") @reason("r") ${annotated} ${effect} (principal, action, resource) when { context.orphans == context.orphans && ${broken} };`;
          const by = PolicySet.load({ policies: { 'a.cedar': text }, schema: null });
          expect(outcomeOf(by, action, known, []).outcome).toBe('FORBID');
        },
      ),
      { numRuns: 100 },
    );
  });
});

function placed(tree: Tree, name: string, value: unknown): Tree {
  const [first = '', ...rest] = name.split('.');
  return { ...tree, [first]: rest.length === 0 ? value : placed((tree[first] ?? {}) as Tree, rest.join('.'), value) };
}

function valueOf(tree: Tree, name: string): unknown {
  return name.split('.').reduce<unknown>((value, step) => (value as Tree)[step], tree);
}

function without(tree: Tree, name: string): Tree {
  const [first = '', ...rest] = name.split('.');
  const { [first]: taken, ...others } = tree;
  return rest.length === 0 || taken === undefined
    ? others
    : { ...others, [first]: without(taken as Tree, rest.join('.')) };
}
