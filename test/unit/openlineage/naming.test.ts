import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesWildcard } from '../../../src/wildcard.js';
import { parseEvent } from '../../../src/openlineage/event/parse.js';
import { matchName, namePattern } from '../../../src/openlineage/naming/name-pattern.js';
import { namingRules } from '../../../src/openlineage/naming/naming-file.js';
import { REPORTED_AS, renamed } from '../../../src/openlineage/naming/renamed-event.js';

const POSTGRES = `
rules:
  - namespace: postgresql+{driver}://{host}:{port}
    to: { namespace: 'postgres://{host}:{port}' }
  - namespace: postgresql+{driver}://{host}
    to: { namespace: 'postgres://{host}' }
  - namespace: postgres://{host}
    to: { namespace: 'postgres://{host}:5432' }
  - namespace: shop-{stage}
    of: [jobs]
    to: { namespace: shop }
  - namespace: file
    name: '{folder*}/date={day}'
    to: { namespace: file, name: '{folder*}' }
`;
const rulesOf = (text: string) => namingRules(text, 'names.yaml');
const dataset = (namespace: string, name = 't') => ({ namespace, name });

describe('Rules for names', () => {
  const rules = rulesOf(POSTGRES);

  it.each([
    ['postgresql+psycopg2://h', 'postgres://h:5432'],
    ['postgresql+asyncpg://h:6000', 'postgres://h:6000'],
    ['postgres://h', 'postgres://h:5432'],
    ['postgres://h:5432', 'postgres://h:5432'],
    ['postgres://h/more', 'postgres://h/more'],
    ['postgresql+://h', 'postgresql+://h'],
    ['mysql://h', 'mysql://h'],
  ])('make of %s %s', (from, to) => {
    expect(rules.rename('dataset', dataset(from))).toEqual(dataset(to));
  });

  it('look at names as well, and at jobs where they are asked to', () => {
    expect(rules.rename('dataset', dataset('file', '/lake/orders/date=2026-11-29'))).toEqual(
      dataset('file', '/lake/orders'),
    );
    expect(rules.rename('job', dataset('shop-test'))).toEqual(dataset('shop'));
    expect(rules.rename('dataset', dataset('shop-test'))).toEqual(dataset('shop-test'));
    expect(rules.rename('job', dataset('postgres://h'))).toEqual(dataset('postgres://h'));
  });

  it('change nothing in what they have made, whatever they are and whatever the name is', () => {
    const word = fc.constantFrom('a', 'b', ':', '/', '://', '+', 'ab');
    const text = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(''));
    const rule = fc.record({ before: text, after: fc.constantFrom('', ':a', '/b'), to: text, grows: fc.boolean() });
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 5 }), text, text, (all, namespace, name) => {
        const file = {
          rules: all.map(({ before, after, to, grows }) => ({
            namespace: `${before}{x}${after}`,
            to: { namespace: grows ? `${to}{x}` : to },
          })),
        };
        let made;
        try {
          made = rulesOf(JSON.stringify(file));
        } catch {
          // Such a file is refused: it would go round.
          return;
        }
        const once = made.rename('dataset', { namespace, name });
        expect(made.rename('dataset', once)).toEqual(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [
      'two that undo each other',
      'rules:\n- { namespace: a, to: { namespace: b } }\n- { namespace: b, to: { namespace: a } }',
      'line 2:',
    ],
    ['one that grows', 'rules:\n\n- { namespace: "{x*}", to: { namespace: "p{x}" } }', 'line 3:'],
    [
      'an unknown placeholder',
      'rules:\n- namespace: a\n  to:\n    namespace: "{x}"',
      'line 4: rules[0].to.namespace names {x}',
    ],
    ['an unknown key', 'rules:\n- namespace: a\n  too: 1\n  to: { namespace: b }', 'line 2: rules[0]'],
    ['broken YAML', 'rules:\n- namespace: [a', 'line '],
    ['no rules', 'names: []', 'line 1:'],
    ['a lone bracket', 'rules:\n- { namespace: "a}", to: { namespace: b } }', 'has a "{" or "}"'],
    ['a control character', 'rules:\n- { namespace: "a\\u0007", to: { namespace: b } }', 'U+0007'],
    ['aliases of YAML', 'a: &a [1, 2]\nrules: *a', 'names.yaml cannot be used'],
  ])('are refused with their line: %s', (_, text, fault) => {
    expect(() => rulesOf(text)).toThrow(fault);
    expect(() => rulesOf(text)).toThrow('npx weft naming check');
  });

  it('read a name once, however often a part of the pattern could begin anew', () => {
    const pattern = namePattern('{a*}x{b*}xx{c*}xxx{d*}y');
    if (typeof pattern === 'string') throw new Error(pattern);
    // With trying again, this would not end.
    expect(matchName(pattern, 'x'.repeat(1_000_000))).toBeNull();
    expect(matchesWildcard('*x*x*x*x*x*x*x*x*y', 'x'.repeat(1_000_000))).toBe(false);
  });
});

describe('An event with other names', () => {
  const rules = rulesOf(POSTGRES);
  const facet = { _producer: 'test', _schemaURL: 'https://example.test/facet.json' };
  const event = (namespace: string) =>
    parseEvent({
      eventTime: '2026-11-29T12:00:00Z',
      eventType: 'COMPLETE',
      producer: 'test',
      schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
      run: {
        runId: 'r',
        facets: { parent: { ...facet, run: { runId: 'p' }, job: { namespace: 'shop-test', name: 'dag' } } },
      },
      job: { namespace: 'shop-test', name: 'job' },
      inputs: [{ namespace, name: 'in' }],
      outputs: [
        {
          namespace: 'other',
          name: 'out',
          facets: {
            columnLineage: { ...facet, fields: { id: { inputFields: [{ namespace, name: 'in', field: 'id' }] } } },
            symlinks: { ...facet, identifiers: [{ namespace, name: 'out', type: 'TABLE' }] },
          },
        },
      ],
    });

  it('has them wherever it names the same thing, and keeps how it was called', () => {
    const made = renamed(event('postgresql+psycopg2://h'), rules);
    const input = { namespace: 'postgres://h:5432', name: 'in' };
    expect(made).toMatchObject({
      job: { namespace: 'shop', facets: { [REPORTED_AS]: { namespace: 'shop-test', name: 'job' } } },
      runFacets: { parent: { job: { namespace: 'shop', name: 'dag' } } },
      inputs: [{ ...input, facets: { [REPORTED_AS]: { namespace: 'postgresql+psycopg2://h', name: 'in' } } }],
      outputs: [
        {
          namespace: 'other',
          facets: {
            columnLineage: { fields: { id: { inputFields: [{ ...input, field: 'id' }] } } },
            symlinks: { identifiers: [{ namespace: 'postgres://h:5432', name: 'out', type: 'TABLE' }] },
          },
        },
      ],
    });
  });

  it('is another statement once the rules are others, and the same one under the same', () => {
    const given = event('postgres://h');
    const other = rulesOf('rules:\n- { namespace: "postgres://{h}", to: { namespace: "postgres://{h}:1" } }');
    const [one, again, third] = [renamed(given, rules), renamed(given, rules), renamed(given, other)];
    expect(again.digest).toBe(one.digest);
    expect(new Set([given.digest, one.digest, third.digest]).size).toBe(3);
    expect(renamed(given, rulesOf('rules: []'))).toBe(given);
  });
});
