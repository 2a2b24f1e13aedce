import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askCedar, CedarBroke } from '../../../src/governance/policies/cedar.js';
import { decide } from '../../../src/governance/policies/decide.js';
import type { PolicyRequest } from '../../../src/governance/policies/engine.js';
import { PolicyFaults } from '../../../src/governance/policies/policy-faults.js';
import { PolicySet } from '../../../src/governance/policies/policy-set.js';
import { partsOf, statementsOf } from '../../../src/governance/policies/source.js';
import { turnsDuring } from '../../support/turns.js';

/** As vitest's own, which say that they are of any kind. */
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const containing = (text: string): unknown => expect.stringContaining(text);

const PERMIT = '@id("all") @reason("Permitted.") permit (principal, action, resource);';
const RESIDENCY = `@id("residency")
@reason("Run it elsewhere.")
forbid (principal, action == Action::"launchTraining", resource)
when { !context.labels.regions.contains(context.region) };`;

const load = (policies: Record<string, string>, schema: string | null = null) => PolicySet.load({ policies, schema });

const request: PolicyRequest = {
  ...{ action: 'launchTraining', principal: 'ada', resource: 'model' },
  facts: { region: 'EU', labels: { regions: ['EU'] }, unknown: [] },
};

function faultsOf(policies: Record<string, string>, schema: string | null = null): string[] {
  try {
    load(policies, schema);
  } catch (error) {
    if (error instanceof PolicyFaults) return error.message.split('\n');
    throw error;
  }
  return [];
}

const policy = (condition: string) =>
  `@id("a") @reason("b") forbid (principal, action, resource) when { ${condition} };`;

describe('a set of policies', () => {
  it('tells a typo with its file, line and column, counted in characters', () => {
    const text = `// é, which is two bytes\n${PERMIT}\n@id("a")\n@reason("ü")\nforbid (principal, action, resource)\nwhen { context.regoin == "EU" };`;
    expect(faultsOf({ 'a.cedar': text })).toEqual([
      'a.cedar:6:8: attribute `regoin` is not among the facts; did you mean `region`?',
    ]);
  });

  it.each([
    [
      'forbid (principal, action, resource)\nwhn { true };',
      'a.cedar:2:1: invalid policy condition: whn; condition must be either `when` or `unless`',
    ],
    ['forbid (principal, action, resource);', 'a.cedar:1:1: this policy has no @id("…"), by which it is told.'],
    [
      '@id("A b") @reason("x")\nforbid (principal, action, resource);',
      'a.cedar:1:1: @id("A b"): an id is small letters, digits and -, at most 100.',
    ],
    [
      '@id("a")\nforbid (principal, action, resource);',
      'a.cedar:1:1: this policy has no @reason("…"): what is wrong, and what a person can do about it.',
    ],
    [
      '@id("a") @reason("x") @severity("grave") forbid (principal, action, resource);',
      'a.cedar:1:1: @severity("grave"): there are fail, warn, approval.',
    ],
    [
      '@id("a") @reason("x") @severity("warn") permit (principal, action, resource);',
      'a.cedar:1:1: @severity is of policies that forbid; this one permits.',
    ],
    [
      '@id("a") @reasons("x") forbid (principal, action, resource);',
      'a.cedar:1:1: @reasons says nothing here; there are @id, @reason, @severity, @source, @doc.',
    ],
    [`${PERMIT}\n\n${PERMIT}`, 'a.cedar:3:1: the id all is taken by a.cedar:1.'],
    [
      'permit (principal == ?principal, action, resource);',
      'a.cedar: holds a template (?principal, ?resource); policies here are whole.',
    ],
    [
      '@id("a") @reason("x") forbid (principal, action == Action::"launchTrainin", resource);',
      'a.cedar:1:52: unrecognized action `Action::"launchTrainin"`; did you mean `Action::"launchTraining"`?',
    ],
    [
      policy('context.region == "EU" && context.region == 1'),
      /^a\.cedar:1:\d+: the types \w+ and \w+ are not compatible/,
    ],
  ])('refuses %j', (text, fault) => {
    const faults = faultsOf({ 'a.cedar': text });
    expect(
      faults.some((each) => (typeof fault === 'string' ? each === fault : fault.test(each))),
      faults.join('\n'),
    ).toBe(true);
  });

  it.each([
    ['has', policy('!(context has region) || context.orphans > 0')],
    ['has', policy('context.labels has regions')],
    ['whole record', policy('context.labels == context.labels')],
    ['whole record', policy('[context.inputs].contains(context.inputs)')],
    ['`in`', policy('principal in Actor::"x"')],
    ['`in`', '@id("a") @reason("b") forbid (principal in Actor::"x", action, resource);'],
    ['`in`', '@id("a") @reason("b") forbid (principal, action, resource is Asset in Asset::"x");'],
  ])('refuses what would let through where a fact is unknown: %s, in %s', (said, text) => {
    expect(faultsOf({ 'a.cedar': text }).join('\n')).toContain(said);
  });

  it('refuses a schema with a fault, and says where', () => {
    expect(
      faultsOf(
        {},
        'entity Actor;\ntype Facts = { region: Strin };\naction export appliesTo { principal: [Actor], resource: [Actor], context: Facts };',
      ),
    ).toEqual([matching(/^schema\.cedarschema:2:24: .*Strin/)]);
  });

  it.each([
    ['brackets', `permit (principal, action, resource) when { ${'('.repeat(400)}true${')'.repeat(400)} };`],
    ['a sum', policy(`${Array(3_000).fill('1').join(' + ')} == 3`)],
    ['a chain', policy(Array(300).fill('context.contaminated').join(' && '))],
  ])('refuses what nests too deep (%s), and decides on as before', (_what, text) => {
    const set = load({ 'a.cedar': `${PERMIT}\n${RESIDENCY}` });
    expect(decide(set, request).outcome).toBe('PERMIT');
    expect(faultsOf({ 'a.cedar': text }).join('\n')).toMatch(/deep/);
    expect(decide(set, request).outcome).toBe('PERMIT');
  });

  it('bounds names, files and characters', () => {
    expect(faultsOf({ '../a.cedar': PERMIT }).join('\n')).toContain('a file of policies is called');
    expect(faultsOf({ 'a.cedar': `//${'x'.repeat(600_000)}` }).join('\n')).toContain('characters');
    expect(
      faultsOf(Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`${at}.cedar`, '']))).join('\n'),
    ).toContain('201 files');
  });

  it('bounds policies, the length of each, the schema and how much of what is wrong is told', () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, at) => `@id("p${at}") @reason("b") permit (principal, action, resource);`).join(
        '\n',
      );
    expect(faultsOf({ 'a.cedar': many(500) })).toEqual([]);
    expect(faultsOf({ 'a.cedar': many(501) }).join('\n')).toContain('more than 500 policies');
    const long = policy(`context.region like "${'*a'.repeat(8_192)}"`);
    expect(faultsOf({ 'a.cedar': `${PERMIT}\n${long}` })).toEqual([
      matching(/^a\.cedar:2:1: this policy has \d+ characters; 16384 are allowed/),
    ]);
    expect(faultsOf({ 'a.cedar': PERMIT }, `// ${'x'.repeat(32_768)}`)).toEqual([
      matching(/^schema\.cedarschema: the schema has \d+ characters/),
    ]);
    const deep = `type A = ${'{a:'.repeat(5_000)}Long${'}'.repeat(5_000)};`;
    expect(faultsOf({ 'a.cedar': PERMIT }, deep)).toEqual([
      matching(/^schema\.cedarschema:1:\d+: brackets are 5000 deep/),
    ]);
    expect(faultsOf({ 'a.cedar': policy('context.regoin == "EU"').repeat(400) })).toHaveLength(100);
  });

  it('tells what is wrong far down a file where it stands, however much stands before', () => {
    const before = Array.from(
      { length: 300 },
      (_, at) => `// é ü 👩 ${at}\n@id("p${at}") @reason("ü")\npermit (principal, action, resource);`,
    );
    const text = (wrong: string): string => [...before, wrong].join('\n');
    expect(faultsOf({ 'a.cedar': text(policy('context.regoin == "EU"')) })).toEqual([
      matching(/^a\.cedar:901:\d+: attribute `regoin`/),
    ]);
    expect(faultsOf({ 'a.cedar': text('whn { true };') })).toEqual([matching(/^a\.cedar:901:\d+: /)]);
    expect(faultsOf({ 'a.cedar': `${text(PERMIT)}\n?` })).toEqual([matching(/^a\.cedar:902:1: /)]);
  });

  it('falls into parts that together are the file', () => {
    const statement = fc.constantFrom(PERMIT, RESIDENCY, '// a comment; "\n', 'x', '";";', '   \n', '');
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 30 }), fc.integer({ min: 0, max: 500 }), (pieces, most) => {
        const text = pieces.join('\n');
        const parts = partsOf(statementsOf(text), text.length, most);
        expect(parts.map(({ from, to }) => text.slice(from, to)).join('')).toBe(text);
      }),
    );
  });

  it('gives others their turn while it is read, and comes to the same', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 10 }, (_, file) => [
        `f${file}.cedar`,
        Array.from({ length: 40 }, (_each, at) =>
          policy(`context.orphans > ${at}`).replace('"a"', `"p${file}-${at}"`),
        ).join('\n'),
      ]),
    );
    let set = load({});
    const turns = await turnsDuring(async () => {
      set = await PolicySet.loadInTurns({ policies: files, schema: null });
    });
    expect(turns).toBeGreaterThan(3);
    expect(set.policies).toEqual(load(files).policies);
    expect(set.digest).toBe(load(files).digest);
  });

  it('has the digest of its files and its schema', () => {
    const one = load({ 'a.cedar': PERMIT, 'b.cedar': RESIDENCY }).digest;
    expect(load({ 'b.cedar': RESIDENCY, 'a.cedar': PERMIT }).digest).toBe(one);
    expect(load({ 'a.cedar': PERMIT, 'b.cedar': `${RESIDENCY}\n` }).digest).not.toBe(one);
  });

  it('names the facts that each policy reads', () => {
    expect(load({ 'a.cedar': RESIDENCY }).policies).toMatchObject([
      { id: 'residency', line: 1, actions: ['launchTraining'], facts: ['labels.regions', 'region'] },
    ]);
  });
});

describe('a decision', () => {
  const set = load({ 'a.cedar': `${PERMIT}\n${RESIDENCY}` });

  it('is denied by a set without a policy, and says so', () => {
    expect(decide(load({}), request)).toMatchObject({
      outcome: 'FORBID',
      reasons: [containing('has no policy')],
    });
  });

  it('is denied where no policy permits', () => {
    expect(decide(load({ 'a.cedar': RESIDENCY }), request)).toMatchObject({
      ...{ outcome: 'FORBID', reasons: ['No policy permits launchTraining here, and what none permits is denied.'] },
    });
  });

  it('names the policy and its reason', () => {
    const verdict = decide(set, { ...request, facts: { ...request.facts, region: 'US' } });
    expect(verdict).toMatchObject({
      outcome: 'FORBID',
      reasons: ['residency: Run it elsewhere.'],
      engine: matching(/^cedar \d/),
    });
    expect(verdict.policies.map(({ id, verdict: said }) => [id, said])).toEqual([
      ['residency', 'FAIL'],
      ['all', 'PASS'],
    ]);
  });

  it.each([
    ['is absent', { region: 'EU', unknown: [] }],
    ['is named as unknown', { region: 'EU', labels: { regions: ['EU'] }, unknown: ['labels.regions'] }],
    ['is in a record that is unknown', { region: 'EU', labels: { regions: ['EU'] }, unknown: ['labels'] }],
  ])('is denied where a fact that a policy reads %s', (_how, facts) => {
    const verdict = decide(set, { ...request, facts });
    expect(verdict.outcome).toBe('FORBID');
    expect(verdict.policies[0]).toMatchObject({
      id: 'residency',
      verdict: 'UNKNOWN',
      unknownFacts: ['labels.regions'],
    });
    expect(verdict.reasons[0]).toContain('nobody knows labels.regions');
  });

  it('is not touched by an unknown fact that no policy about this action reads', () => {
    expect(decide(set, { ...request, action: 'export', facts: { unknown: ['labels'] } }).outcome).toBe('PERMIT');
  });

  it.each([
    ['a fact of another kind', { ...request, facts: { region: 7, unknown: [] } }, 'The fact region is 7'],
    [
      'a number that is not whole',
      { ...request, facts: { ...request.facts, orphans: 0.5 } },
      'The fact orphans is 0.5',
    ],
    [
      'a number that is none',
      { ...request, facts: { ...request.facts, orphans: Number.NaN } },
      'The fact orphans is NaN',
    ],
    ['an unknown fact that there is not', { ...request, facts: { ...request.facts, unknown: ['regoin'] } }, 'regoin'],
    ['no word on what is unknown', { ...request, facts: { region: 'EU' } }, 'which are unknown'],
    ['an action that there is not', { ...request, action: 'launch' }, 'There is no action "launch".'],
    ['nobody who asks', { ...request, principal: '' }, 'who asks'],
  ])('is denied for %s', (_what, asked, said) => {
    expect(decide(set, asked as PolicyRequest)).toMatchObject({
      outcome: 'FORBID',
      reasons: [containing(said)],
    });
  });

  it('is denied by a policy that always errors', () => {
    const overflow = policy('context.orphans + 9223372036854775807 > 0');
    const verdict = decide(load({ 'a.cedar': `${PERMIT}\n${overflow}` }), {
      ...request,
      facts: { orphans: 1, unknown: [] },
    });
    expect(verdict).toMatchObject({
      outcome: 'FORBID',
      reasons: [containing('a: cannot be decided, since it failed')],
    });
  });

  it('is denied by a policy that permits and errors, whatever else permits', () => {
    const broken = '@id("b") @reason("c") permit (principal, action, resource) when { context.orphans > 0 };';
    expect(decide(load({ 'a.cedar': `${PERMIT}\n${broken}` }), request).outcome).toBe('FORBID');
  });

  it('warns and lets through, or asks for an approval, as the severity of what forbids says', () => {
    const with_ = (severity: string) =>
      decide(load({ 'a.cedar': `${PERMIT}\n@severity("${severity}") ${policy('context.region == "EU"')}` }), request);
    expect(with_('warn')).toMatchObject({ outcome: 'PERMIT', reasons: ['a: b'] });
    expect(with_('approval')).toMatchObject({ outcome: 'NEEDS_APPROVAL', reasons: ['a: b'] });
    expect(with_('fail')).toMatchObject({ outcome: 'FORBID', reasons: ['a: b'] });
    expect(decide(load({ 'a.cedar': `@severity("warn") ${policy('context.region == "EU"')}` }), request).outcome).toBe(
      'FORBID',
    );
  });

  it('is the same by each of more sets than the engine holds at once, and after the engine broke', () => {
    const sets = Array.from({ length: 40 }, (_, at) =>
      load({ 'a.cedar': `${PERMIT}\n${policy(`context.orphans == ${at}`)}` }),
    );
    const ask = () =>
      sets.map(
        (each, at) => decide(each, { ...request, facts: { orphans: at % 2 === 0 ? at : -1, unknown: [] } }).outcome,
      );
    const expected = sets.map((_, at) => (at % 2 === 0 ? 'FORBID' : 'PERMIT'));
    expect(ask()).toEqual(expected);
    expect(() =>
      askCedar(() => {
        throw new Error('memory access out of bounds');
      }),
    ).toThrow(CedarBroke);
    expect(ask()).toEqual(expected);
  });
});
