import { describe, expect, it } from 'vitest';
import { labelFacts } from '../../../src/governance/policies/label-facts.js';
import { licenceFacts } from '../../../src/governance/policies/licences.js';

describe('licences as facts', () => {
  const none = { nonCommercial: false, noDerivatives: false, shareAlike: false, unresolved: [] };
  it.each([
    ['MIT AND CC-BY-NC-SA-4.0', { ...none, ids: ['CC-BY-NC-SA-4.0', 'MIT'], nonCommercial: true, shareAlike: true }],
    ['CC-BY-ND-4.0', { ...none, ids: ['CC-BY-ND-4.0'], noDerivatives: true }],
    ['CC-BY-NC-ND-4.0', { ...none, ids: ['CC-BY-NC-ND-4.0'], nonCommercial: true, noDerivatives: true }],
    ['GPL-3.0-only OR MIT', { ...none, ids: ['MIT'] }],
    ['(LicenseRef-ours OR MIT) AND ODbL-1.0', { ...none, ids: ['MIT', 'ODbL-1.0'], shareAlike: true }],
    ['NOASSERTION', { ...none, ids: [], unresolved: ['NOASSERTION'] }],
    ['MIT AND NOASSERTION AND NONE', { ...none, ids: ['MIT'], unresolved: ['NOASSERTION', 'NONE'] }],
    ['LicenseRef-ours', { ...none, ids: [], unresolved: ['LicenseRef-ours'] }],
    [
      'GPL-2.0-only WITH Classpath-exception-2.0',
      { ...none, ids: ['GPL-2.0-only WITH Classpath-exception-2.0'], shareAlike: true },
    ],
  ])('reads %s', (expression, facts) => {
    expect(licenceFacts(expression)).toEqual({ expression, ...facts });
  });

  it.each(['MIT AND', 'mit', '', 'MIT OR OR Zlib', 'CC-BY'])('refuses %j', (expression) => {
    expect(() => licenceFacts(expression)).toThrow(/no expression of SPDX/);
  });

  it('takes as many choices as one likes, each by itself', () => {
    const expression = Array(60).fill('(GPL-3.0-only OR MIT)').join(' AND ');
    expect(licenceFacts(expression)).toMatchObject({ ids: ['MIT'], shareAlike: false });
  });
});

describe('labels as facts', () => {
  const options = {
    levels: ['PUBLIC', 'INTERNAL', 'CONFIDENTIAL', 'RESTRICTED'],
    now: new Date('2026-01-01T00:00:00Z'),
  };
  const label = (value: string | string[] | number | null, unknown = false) => ({ value, unknown, conflict: false });

  it('tells what is known, and names what is not', () => {
    const { labels, unknown } = labelFacts(
      {
        classification: label('CONFIDENTIAL'),
        regions: { value: [], unknown: false, conflict: true },
        licences: label('MIT'),
        deleteBy: label('2026-01-01T00:01:00Z'),
        retainUntil: label('2025-12-31T23:59:59.500Z'),
        personalData: label(['EMAIL'], true),
        purposes: label(null, true),
        quality: label(0.987),
        exportControl: label('EAR99'),
      },
      options,
    );
    expect(labels).toMatchObject({
      ...{
        classification: { level: 'CONFIDENTIAL', rank: 2 },
        regions: [],
        conflicts: ['regions'],
        deleteBy: 60,
        retainUntil: 0,
      },
      ...{ personalData: ['EMAIL'], quality: 98, own: ['exportControl:EAR99'], licences: { ids: ['MIT'] } },
    });
    expect(unknown.sort()).toEqual(['labels.embargo', 'labels.legalHolds', 'labels.personalData', 'labels.purposes']);
  });

  it('takes what policies cannot read for unknown', () => {
    const { unknown } = labelFacts(
      { classification: label('SECRET'), licences: label('mit'), deleteBy: label('soon'), own: label(null, true) },
      options,
    );
    expect(unknown).toEqual(
      expect.arrayContaining(['labels.classification', 'labels.licences', 'labels.deleteBy', 'labels.own']),
    );
  });
});
