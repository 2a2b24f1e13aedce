import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areNearTwins, nameKeys } from '../../src/catalog/twins/name-keys.js';
import { canonicalUrn, urnOf } from '../../src/catalog/model/urn.js';
import { invisibleIn, spelt, speltTag, withoutInvisible } from '../../src/spelling.js';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const asset = (name: string, namespace = 'n') => ({ kind: 'DATASET' as const, namespace, name });

describe('A name', () => {
  it('has one spelling, whatever form of Unicode and blanks it comes in', () => {
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('NFC', 'NFD'),
        fc.constantFrom('', ' ', '\t', '\u00a0'),
        (name, form, blank) => {
          expect(spelt(`${blank}${name.normalize(form)}${blank}`)).toBe(spelt(name));
          expect(spelt(spelt(name))).toBe(spelt(name));
        },
      ),
    );
  });

  it.each([
    ['a control character', 'a\u0007b', 'U+0007 at place 2'],
    ['a line break', 'a\nb', 'U+000A at place 2'],
    ['a turn of the direction', 'in\u202evoice', 'U+202E at place 3'],
    ['an isolate', '\u2066x', 'U+2066 at place 1'],
    ['a mark of direction', 'x\u200f', 'U+200F at place 2'],
    ['a blank without width', 'sales\u200borders', 'U+200B at place 6'],
    ['a joiner', 'a\u200db', 'U+200D at place 2'],
    ['a joiner beside an emoji', '👩\u200da', 'U+200D at place 2'],
    ['a soft hyphen', 'a\u00adb', 'U+00AD at place 2'],
    ['a byte order mark within', 'a\ufeffb', 'U+FEFF at place 2'],
    ['a filler of Hangul', 'a\u3164b', 'U+3164 at place 2'],
    ['a separator of lines', 'a\u2028b', 'U+2028 at place 2'],
    ['a selector behind a letter', 'a\ufe0f', 'U+FE0F at place 2'],
    ['a tag character', 'a\u{e0041}', 'U+E0041 at place 2'],
  ])('with %s is told what it holds and where', (_, name, fault) => {
    expect(invisibleIn(name)).toContain(fault);
    expect(invisibleIn(withoutInvisible(name))).toBeNull();
  });

  it.each(['orders', 'Żółć 東京', 'a b', '❤️ data', 'naïve', 'نام', 'हिन्दी', '👍🏽', '🧵 family 👨‍👩‍👧', '👩🏽‍💻', '❤️‍🔥'])(
    'such as %s is let through',
    (name) => {
      expect(invisibleIn(spelt(name))).toBeNull();
    },
  );

  it('can be made of any text, and then is one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (stored) => {
        const name = withoutInvisible(stored);
        expect(invisibleIn(name)).toBeNull();
        expect(spelt(name)).toBe(name);
      }),
    );
  });
});

it('a tag is without case, once and for all', () => {
  fc.assert(
    fc.property(text, (tag) => {
      expect(speltTag(speltTag(tag))).toBe(speltTag(tag));
      expect(speltTag(` ${tag.normalize('NFD')} `)).toBe(speltTag(tag));
    }),
  );
  expect(speltTag('PII.Email')).toBe('pii.email');
});

it('a urn in any spelling is the urn of the one', () => {
  fc.assert(
    fc.property(text, text, (namespace, name) => {
      fc.pre(spelt(namespace) !== '' && spelt(name) !== '');
      const decomposed = urnOf('DATASET', ` ${namespace.normalize('NFD')}`, `${name.normalize('NFD')} `);
      expect(canonicalUrn(decomposed)).toBe(urnOf('DATASET', spelt(namespace), spelt(name)));
    }),
  );
});

describe('Near twins', () => {
  it.each([
    ['case', 'Orders', 'orders'],
    ['a slash at the end', 'raw/orders/', 'raw/orders'],
    ['a Cyrillic letter', 'p\u0430yments', 'payments'],
    ['a Greek letter', '\u039frders', 'Orders'],
    ['digits for letters', '0rders', 'Orders'],
    ['I and l', 'salesIog', 'saleslog'],
    ['1 and l', 'sa1es', 'sales'],
    ['letters of full width', 'ｏｒｄｅｒｓ', 'orders'],
    ['blanks', 'sales  orders', 'sales orders'],
    ['rn and m', 'custorner', 'customer'],
    ['case and a look at once', '\u041eRDERS', 'orders'],
  ])('differ in %s', (_, one, other) => {
    expect(areNearTwins(asset(one), asset(other))).toBe(true);
    expect(areNearTwins(asset('x', one), asset('x', other))).toBe(true);
  });

  it.each([
    ['another word', 'orders', 'order'],
    ['another separator', 'sales_orders', 'sales-orders'],
    ['i and l', 'mail', 'mall'],
    ['another accent', 'resume', 'résumé'],
    ['a slash in between', 'a/b', 'ab'],
  ])('are not those that differ in %s', (_, one, other) => {
    expect(areNearTwins(asset(one), asset(other))).toBe(false);
  });

  it('are no assets of another kind, nor the same twice', () => {
    expect(areNearTwins(asset('Orders'), { ...asset('orders'), kind: 'MODEL' })).toBe(false);
    expect(areNearTwins(asset('orders'), asset('orders'))).toBe(false);
    expect(nameKeys(asset('a', 'b'))).not.toEqual(nameKeys(asset('b', 'a')));
  });
});
