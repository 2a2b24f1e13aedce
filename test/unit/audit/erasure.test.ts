import { describe, expect, it } from 'vitest';
import { type EntryAboutSomeone, names, withoutPerson } from '../../../src/audit/erasure/erasure.js';

const person = { id: 'p1', words: ['Ada Lovelace', 'ada', 'ada@example.org'] };
const detached = {
  '/actorName': { salt: 's', value: 'Grace Hopper' },
  '/targetName': { salt: 's', value: 'analytical engine' },
  '/after/purpose': { salt: 's', value: 'As ADA asked' },
};
const entry = (more: Partial<EntryAboutSomeone>): EntryAboutSomeone => ({
  ...{ id: 'e', action: 'asset:update', actorId: 'p2', targetId: 't', mentions: false, detached },
  ...more,
});
const left = (more: Partial<EntryAboutSomeone>): string[] => Object.keys(withoutPerson(entry(more), person));

describe('forgetting a person in an entry', () => {
  it('takes all texts when they did it, or when it was done to them', () => {
    expect(left({ actorId: 'p1' })).toEqual([]);
    expect(left({ targetId: 'p1' })).toEqual([]);
  });

  it('takes what may be about them when the entry mentions them, and leaves the name of who did it', () => {
    expect(left({ mentions: true })).toEqual(['/actorName']);
  });

  it('takes only the texts that name them elsewhere', () => {
    expect(left({})).toEqual(['/actorName', '/targetName']);
  });

  it('leaves what an auditor asked, but for what names the person: it must be known after they are gone', () => {
    const asked = {
      '/actorName': { salt: 's', value: 'Grace Hopper' },
      '/after/selection': { salt: 's', value: 'asset(ref: $ref) { name }' },
      '/after/variables': { salt: 's', value: { ref: 'urn', who: 'Ada Lovelace' } },
    };
    const read = { action: 'auditor:read', detached: asked };
    expect(left({ ...read, actorId: 'p1', mentions: true })).toEqual(['/after/selection']);
    expect(left({ ...read, targetId: 'p1', mentions: true })).toEqual(['/actorName', '/after/selection']);
    expect(left(read)).toEqual(['/actorName', '/after/selection']);
  });

  it.each([
    ['ADA', true],
    ['for ada, please', true],
    ['Canada', false],
    ['ada-2', true],
    ['mail to Ada@Example.org', true],
    [{ deep: ['Ada Lovelace'] }, true],
    ['', false],
  ])('knows names as whole words: %j', (value, expected) => {
    expect(names(person, value)).toBe(expected);
  });
});
