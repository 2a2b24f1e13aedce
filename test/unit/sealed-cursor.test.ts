import { describe, expect, it } from 'vitest';
import { SealedCursors } from '../../src/graphql/sealed-cursor.js';

describe('the cursors of a list', () => {
  const cursors = new SealedCursors('a secret of the installation');
  const asked = ['MODEL', new Date(0), null];
  const cursor = cursors.of('orphans', asked).seal([3, 'x']);

  it('lead back to their place when the same is asked, and tell nothing of it', () => {
    expect(cursors.of('orphans', [...asked]).open(cursor)).toEqual([3, 'x']);
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/orphans|MODEL/);
  });

  it.each([
    [
      'another list',
      cursors.of('sources', asked),
      'belongs to another list. Use a cursor of an earlier page of the same `sources`',
    ],
    ['another question', cursors.of('orphans', ['MODEL', new Date(1), null]), 'belongs to another question'],
    ['another installation', new SealedCursors('another secret').of('orphans', asked), 'is not a cursor of this list'],
  ])('are refused by %s', (_name, other, words) => {
    expect(() => other.open(cursor)).toThrow(words);
  });
});
