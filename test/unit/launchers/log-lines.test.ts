import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { LineSplitter } from '../../../src/launchers/logs/line-splitter.js';
import { LogWriter } from '../../../src/launchers/logs/log-writer.js';

const folder = mkdtempSync(join(tmpdir(), 'weftline-log-lines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The lines that a text comes to when it arrives in these pieces. */
function linesOf(pieces: readonly string[]): string[] {
  const splitter = new LineSplitter(1_000);
  const lines = pieces.flatMap((piece) => splitter.push(Buffer.from(piece)));
  const last = splitter.flush();
  return [...lines, ...(last ? [last] : [])].map(String);
}

/** What a terminal would show of each line, a longer state before a shorter one apart. */
const seen = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/\r+$/, '').split('\r').at(-1) ?? '')
    .filter((line, index, all) => index < all.length - 1 || line !== '');

describe('Lines of a program', () => {
  it('are what a terminal shows at last, in whatever pieces they come', () => {
    const text = fc.array(fc.constantFrom('a', 'bc', '\r', '\n', '\r\n', ' '), { maxLength: 40 });
    fc.assert(
      fc.property(text, (pieces) => {
        expect(linesOf(pieces)).toEqual(seen(pieces.join('')));
        expect(linesOf([pieces.join('')])).toEqual(seen(pieces.join('')));
      }),
      { numRuns: 2_000 },
    );
  });

  it('hold of a line of a million states no more than the newest', () => {
    const splitter = new LineSplitter(1_000);
    for (let step = 0; step < 100_000; step++) expect(splitter.push(Buffer.from(`\r${step} of 100000`))).toEqual([]);
    expect(String(splitter.state())).toBe('99999 of 100000');
  });
});

describe('The log of a job', () => {
  const texts = (path: string): string[] =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.slice('2026-11-29T00:00:00.000Z '.length));

  it('has the newest state of a progress bar while it stands, and once how it ended', async () => {
    const path = join(folder, 'bar');
    const log = new LogWriter(path, 1_000_000);
    log.write('STDERR', Buffer.from('\r 10%|#'));
    log.write('STDERR', Buffer.from('\r 20%|##'));
    log.write('STDOUT', Buffer.from('a line\n'));
    while (texts(path).length < 2) await delay(20);
    expect(texts(path)).toEqual(['STDOUT a line', 'STDERR  20%|##']);
    log.write('STDERR', Buffer.from('\r 30%|###\r100%|####'));
    while (texts(path).length < 3) await delay(20);
    log.write('STDERR', Buffer.from('\nnext\n'));
    log.endProgram();
    log.close();
    expect(texts(path)).toEqual(['STDOUT a line', 'STDERR  20%|##', 'STDERR 100%|####', 'STDERR next']);
    expect(log.lastStderrLines(2)).toEqual(['100%|####', 'next']);
  });

  it('has a bar once that ended before anybody could see it move, and one that never ended', () => {
    const path = join(folder, 'short');
    const log = new LogWriter(path, 1_000_000);
    log.write('STDERR', Buffer.from('\r 10%\r 50%\r100%\n\r 1 of 2\r'));
    log.endProgram();
    log.close();
    expect(texts(path)).toEqual(['STDERR 100%', 'STDERR  1 of 2']);
    expect(log.lastStderrLines(1)).toEqual([' 1 of 2']);
  });
});
