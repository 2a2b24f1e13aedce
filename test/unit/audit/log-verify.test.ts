import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVerifier } from '../../../src/audit/checkpoints/checkpoint.js';
import { readLines } from '../../../src/audit/verification/line-reader.js';
import { readExport } from '../../../src/audit/verification/log-export.js';
import { type Verdict, verifyExport } from '../../../src/audit/verification/log-verify.js';
import { SignedLog } from '../../support/signed-log.js';

const log = new SignedLog(30);
const intact = Buffer.from(
  log
    .lines()
    .map((line) => `${line}\n`)
    .join(''),
);
const verifiers = [readVerifier(log.key.verifier)];

/** The bytes in pieces of a size, as a stream gives them. */
async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield await Promise.resolve(bytes.subarray(from, from + size));
}

const verify = (bytes: Uint8Array): Promise<Verdict> =>
  verifyExport(readExport(pieces(bytes)), { verifiers, checkpoints: [] });

describe('an export', () => {
  it('is read the same in whatever pieces it comes', async () => {
    const whole = await verify(intact);
    expect(whole).toMatchObject({ problems: [], entries: 30, compared: 1 });
    for (const size of [1, 7, 4096])
      expect(await verifyExport(readExport(pieces(intact, size)), { verifiers, checkpoints: [] })).toEqual(whole);
  });

  it('does not stay intact when any byte of it is changed, but for the time of the export, which nobody signs', async () => {
    const time = intact.indexOf('"exportedAt"');
    const until = intact.indexOf('\n');
    const change = fc.record({ at: fc.nat({ max: intact.length - 1 }), by: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, by }) => {
        fc.pre(at < time || at > until);
        const changed = Buffer.from(intact);
        changed[at] = (changed[at] ?? 0) ^ by;
        expect((await verify(changed)).problemCount).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it('does not stay intact when any of its lines are taken out or put elsewhere', async () => {
    const lines = log.lines();
    const place = fc.nat({ max: lines.length - 1 });
    await fc.assert(
      fc.asyncProperty(place, place, async (from, to) => {
        const without = lines.toSpliced(from, 1);
        const moved = without.toSpliced(to, 0, lines[from] ?? '');
        const bytes = (some: readonly string[]): Buffer => Buffer.from(some.join('\n'));
        expect((await verify(bytes(without))).problemCount).toBeGreaterThan(0);
        expect((await verify(bytes(moved))).problemCount > 0).toBe(from !== to);
      }),
      { numRuns: 200 },
    );
  });
});

describe('lines of a file', () => {
  const read = async (text: string | Uint8Array, size: number, most = 100): Promise<(string | null)[]> => {
    const lines: (string | null)[] = [];
    for await (const line of readLines(pieces(Buffer.from(text), size), most)) {
      expect(line.number).toBe(lines.length + 1);
      lines.push(line.text);
    }
    return lines;
  };

  it('come whole, also where a letter of several bytes lies across two pieces', async () => {
    for (const size of [1, 2, 3, 100]) {
      expect(await read('ä\n\n😀€\nend', size)).toEqual(['ä', '', '😀€', 'end']);
      expect(await read('a\n', size)).toEqual(['a']);
      expect(await read('', size)).toEqual([]);
    }
  });

  it('are null where they are no text, and end where one is far too long', async () => {
    expect(await read(Uint8Array.of(0xff, 10, 97, 10), 3)).toEqual([null, 'a']);
    expect(await read(`short\n${'x'.repeat(200)}\nmore`, 10)).toEqual(['short', null]);
  });
});
