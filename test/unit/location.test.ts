import { posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLocation } from '../../src/disk/location.js';

/** A path as the machine may have one: any names but "." and "..", without control characters and blanks at its ends. */
const name = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .filter((text) => !/\p{Cc}|\//u.test(text) && !['.', '..'].includes(text) && text.isWellFormed())
  .filter((text) => text === text.trim() && !/^[a-z]:$/i.test(text));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`);

/** Spells each character as itself, or by the bytes it has in UTF-8; what divides a URI is never left as it is. */
const spelled = (text: string, escapes: readonly boolean[], upper: boolean): string =>
  [...text]
    .map((character, index) => {
      const bytes = [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
      const must = ['%', '?', '#', '\\'].includes(character);
      if (character === '/' || (!must && !escapes[index % escapes.length])) return character;
      return upper ? bytes.toUpperCase() : bytes;
    })
    .join('');

describe('the location of data', () => {
  it('has one form for all spellings of a path, from which the path comes back', () => {
    const start = fc.constantFrom('file:', 'FILE:', 'File://', 'file://localhost', 'file://LocalHost', 'file://', '');
    const escapes = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(path, start, escapes, fc.boolean(), (wanted, before, which, upper) => {
        const text = before === '' ? wanted : `${before}${spelled(wanted, which, upper)}`;
        const location = readLocation(text);
        expect(location).toEqual({ path: wanted, uri: pathToFileURL(wanted).href });
        if (!('uri' in location)) return;
        expect(readLocation(location.uri)).toEqual(location);
        expect(fileURLToPath(location.uri)).toBe(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['/data/./a/../b//c/', '/data/b/c'],
    ['//data/a', '/data/a'],
    ['/../../etc/x', '/etc/x'],
    ['file:/data/%2e%2e/a', '/a'],
    ['file:////data/a', '/data/a'],
    ['file:///data/a b.csv', '/data/a b.csv'],
    ['/data/100%.csv', '/data/100%.csv'],
    ['/data/a#1?.csv', '/data/a#1?.csv'],
    ['/data/%41.csv', '/data/%41.csv'],
    ['file:///data/%2541.csv', '/data/%41.csv'],
    ['file:///data/end%20', '/data/end '],
  ])('is read in any spelling: %s', (text, wanted) => {
    expect(readLocation(text)).toEqual({ path: wanted, uri: pathToFileURL(posix.normalize(wanted)).href });
  });

  it.each([
    's3://bucket/in.csv?versionId=3#part',
    'gs://b/o',
    'https://example.org/data.csv',
    'hdfs://name:8020/x',
    'abfss://c@a.dfs.core.windows.net/x',
    'dbfs:/x',
  ])('stays as it is where it lies elsewhere: %s', (text) => {
    expect(readLocation(text)).toEqual({ path: null, uri: text });
  });

  it.each([
    ['', 'neither an absolute path nor a URI'],
    ['data/in.csv', 'neither an absolute path nor a URI'],
    ['./in.csv', 'neither an absolute path nor a URI'],
    ['~/in.csv', 'neither an absolute path nor a URI'],
    ['s3:', 'neither an absolute path nor a URI'],
    [' /data/in.csv', 'blank'],
    ['/data/in.csv ', 'blank'],
    ['/data/in.csv\n', 'control character'],
    ['/data/a\0b', 'control character'],
    ['file:///data/a%00b', 'control character'],
    ['file:///data/a%0Ab', 'control character'],
    ['/data/\ud800', 'no Unicode'],
    ['file:data/in.csv', 'no absolute path'],
    ['file:', 'no absolute path'],
    ['file://', 'no absolute path'],
    ['file://localhost', 'no absolute path'],
    ['file://data/in.csv', 'the machine "data"'],
    ['file://localhost:80/in.csv', 'the machine "localhost:80"'],
    ['file://me@localhost/in.csv', 'the machine "me@localhost"'],
    ['file:///data/a#b.csv', 'written %23'],
    ['file:///data/a?b.csv', 'written %3F'],
    ['file:///data\\b.csv', 'written %5C'],
    ['file:///data/a%2Fb.csv', 'slash within a name'],
    ['file:///data/100%.csv', '%25'],
    ['file:///data/%ff.csv', '%25'],
    ['C:\\data\\in.csv', 'Windows'],
    ['c:/data/in.csv', 'Windows'],
    ['file:///C:/data/in.csv', 'Windows'],
    ['file:///c%3A/data/in.csv', 'Windows'],
    ['\\\\server\\share\\in.csv', 'Windows'],
    ['/', 'root of all files'],
    ['file:///data/..', 'root of all files'],
    [`/${'d'.repeat(5_000)}`, 'more than 4095 bytes'],
  ])('is refused with the form wanted: %j', (text, why) => {
    const location = readLocation(text);
    expect('fault' in location && location.fault).toContain(why);
    expect('fault' in location && location.fault).toContain('file:///data/in.csv');
  });
});
