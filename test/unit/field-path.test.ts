import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partsOfPath, renamedWith, wholesOf } from '../../src/catalog/model/field-path.js';

const quoted = (part: string): string =>
  part.includes('.') || part.includes('`') || part === '' ? `\`${part.replaceAll('`', '``')}\`` : part;

describe('The path of a field', () => {
  it.each<[string, string[]]>([
    ['city', ['city']],
    ['address.city', ['address', 'city']],
    ['orders.element.price', ['orders', 'element', 'price']],
    ['`unit.price`.amount', ['`unit.price`', 'amount']],
    ['a.`b``.c`.d', ['a', '`b``.c`', 'd']],
    ['`a.b`', ['`a.b`']],
    ['Straße.部屋.👩‍🚀', ['Straße', '部屋', '👩‍🚀']],
    // What is no path is one name.
    ['.', ['.']],
    ['a.', ['a.']],
    ['a..b', ['a..b']],
    ['`a', ['`a']],
    ['`a`b.c', ['`a`b.c']],
    ['`a`.', ['`a`.']],
    ['``.a', ['``', 'a']],
    [Array.from({ length: 21 }, () => 'a').join('.'), [Array.from({ length: 21 }, () => 'a').join('.')]],
  ])('of %s is made of its parts', (name, parts) => {
    expect(partsOfPath(name)).toEqual(parts);
  });

  it('holds any name as a part, when it stands between backticks', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 10 }), (names) => {
        const parts = names.map(quoted);
        expect(partsOfPath(parts.join('.'))).toEqual(parts);
      }),
    );
  });

  it('is told of any text, and gives it back joined', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '`'), maxLength: 12 });
    fc.assert(fc.property(text, (name) => partsOfPath(name).join('.') === name));
  });

  it('leads to the nearest field that is there, so that a dotted column of a flat table lies in nothing', async () => {
    const names = ['a', 'a.b.c', 'a.b.c.d', 'x.y', '`a.b`.c', '`a.b`', 'a.', 'ab', 'a.b.c.d.e.f'];
    expect(Object.fromEntries(await wholesOf(names))).toEqual({
      'a.b.c': ['a'],
      'a.b.c.d': ['a.b.c', 'a'],
      '`a.b`.c': ['`a.b`'],
      'a.b.c.d.e.f': ['a.b.c.d', 'a.b.c', 'a'],
    });
  });

  it('follows the struct that is renamed, and that alone', () => {
    const names = ['a', 'a.b', 'a.b.c', 'ab', '`a.b`', 'b.a', 'x'];
    expect([...renamedWith(names, 'a', 'q.r')]).toEqual([
      ['a', 'q.r'],
      ['a.b', 'q.r.b'],
      ['a.b.c', 'q.r.b.c'],
    ]);
  });
});
