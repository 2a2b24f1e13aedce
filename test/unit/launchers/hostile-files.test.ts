/** What a program may leave in its files, read in this process: for many inputs, nothing overflows, hangs or is believed. */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JSON_LIMITS } from '../../../src/json/limits.js';
import { KeptMetrics, METRIC_LIMITS } from '../../../src/launchers/run-folder/kept-metrics.js';
import { observeRun } from '../../../src/launchers/run-folder/run-observation.js';
import { RunFolder } from '../../../src/launchers/run-folder/run-folder.js';
import { collectOutput } from '../../../src/launchers/runner/output-collector.js';
import { parseManifest } from '../../../src/launchers/runner/output-manifest.js';
import { OutputRefused } from '../../../src/launchers/port/output-refused.js';
import { MOST_BYTES_BEHIND, readProgramEvents } from '../../../src/launchers/run-folder/program-events.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weftline-hostile-'));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const nestedObjects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
/** JSON of any kind, and what is nearly JSON. */
const texts = fc.oneof(
  fc.json({ maxDepth: 60, noUnicodeString: false }),
  fc.string({ unit: 'binary' }),
  fc
    .tuple(fc.constantFrom('model', 'metrics', 'seeds', 'environment', 'hardware', 'code', '__proto__'), fc.json())
    .map(([name, value]) => `{"${name}":${value}}`),
  fc.tuple(fc.json(), fc.nat()).map(([text, cut]) => text.slice(0, cut % (text.length + 1))),
  fc.integer({ min: 1, max: 100_000 }).map((depth) => `{"metrics":{"a":${nested(depth)}}}`),
  fc.integer({ min: 1, max: 20_000 }).map((depth) => `{"hardware":${nestedObjects(depth)}}`),
  fc
    .dictionary(fc.string({ unit: 'binary', maxLength: 300 }), fc.double())
    .map((it) => JSON.stringify({ metrics: it })),
);
const bytes = fc.oneof(
  texts.map((text) => Buffer.from(text)),
  fc.uint8Array().map((array) => Buffer.from(array)),
);

describe('a manifest', () => {
  it('is read, or refused with its name and what is wrong, whatever it is', () => {
    fc.assert(
      fc.property(bytes, (content) => {
        try {
          expect(JSON.stringify(parseManifest(content))).toBeTypeOf('string');
        } catch (error) {
          expect(error).toBeInstanceOf(OutputRefused);
          expect(error).toMatchObject({
            code: 'RESULT_INVALID',
            message: expect.stringContaining('manifest.json') as string,
          });
          expect((error as OutputRefused).message.length).toBeLessThan(2_010);
          expect((error as OutputRefused).message.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['nests too deep in its metrics', `{"metrics":{"a":${nested(100_000)}}}`, 'nests deeper than 32 levels at /metrics/a/0'],
    ['nests too deep in its facts', `{"hardware":${nestedObjects(100_000)}}`, 'nests deeper than 32 levels at /hardware/a'],
    ['nests too deep in what it need not have', `{"more":${nested(400_000)}}`, 'nests deeper than 32 levels at /more'],
    ['says a number that is none', '{"metrics":{"loss":NaNs}}', 'is not JSON'],
    ['says a whole number that would become another', '{"metrics":{"seen":18446744073709551615}}', '/metrics/seen is 18446744073709551615'],
    ['says a number that is too large', '{"metrics":{"loss":1e999}}', 'a number at /metrics/loss that JSON cannot say'],
    ['holds half a character', String.raw`{"metrics":{"a":"\ud800"}}`, 'half of a surrogate pair at /metrics/a'],
    ['has a key that is half a character', String.raw`{"metrics":{"\ud800":1}}`, 'half of a surrogate pair'],
    ['begins with a byte order mark', '\uFEFF{}', 'is not JSON'],
    ['is no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'is not UTF-8'],
    ['is cut off', '{"metrics":{"loss":0.', 'is not JSON'],
    ['is empty', '', 'is not JSON'],
    ['is nothing', 'null', 'is not understood'],
    ['is a list', '[]', 'is not understood'],
    ['has wrong seeds without end', `{"seeds":{${Array.from({ length: 20_000 }, (_, n) => `"${n}":[]`).join()}}}`, 'each of "seeds" must be'],
    ['is too long', `{"metrics":{"a":"${'x'.repeat(1_100_000)}"}}`, 'at most 1048576 are read'],
  ])('is refused when it %s', (_, content, words) => {
    expect(() => parseManifest(Buffer.from(content))).toThrow(words);
  }); // prettier-ignore

  it('counts the last of two members of one name, as JSON does', () => {
    expect(parseManifest(Buffer.from('{"metrics":{"a":1,"a":2}}')).metrics).toEqual({ a: 2 });
  });
});

describe('the output folder', () => {
  it('is refused when a file grows while it is read', async () => {
    await writeFile(join(folder, 'model'), Buffer.alloc(64 * 1024 * 1024));
    const growing = setInterval(() => appendFileSync(join(folder, 'model'), Buffer.alloc(1024)), 0);
    try {
      await expect(collectOutput(folder, 1e9)).rejects.toThrow(
        '"model" in the output folder changed while it was read.',
      );
    } finally {
      clearInterval(growing);
    }
  });

  it('quotes a long name that a manifest gives as far as a person reads it', async () => {
    await writeFile(join(folder, 'manifest.json'), JSON.stringify({ model: `${'n'.repeat(4_000)}\n` }));
    await writeFile(join(folder, 'model'), 'm');
    await expect(collectOutput(folder, 1e9)).rejects.toThrow(/names the model "n{200}…", but there is no such file/);
  });

  it('keeps of the metrics as many as a job may have, and says so', async () => {
    const metrics = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`m${n}`, n]));
    await writeFile(join(folder, 'manifest.json'), JSON.stringify({ metrics }));
    await writeFile(join(folder, 'model'), 'm');
    const output = await collectOutput(folder, 1e9);
    expect(Object.keys(output.metrics)).toHaveLength(METRIC_LIMITS.names);
    expect(output.note).toContain('a job may have 1000 names');
  });
});

describe('the metrics kept of a job', () => {
  it('are never more than the limits, whatever is set, and stay as they were once they are full', () => {
    const values = fc.oneof(
      fc.double({ noNaN: false }),
      fc.jsonValue({ maxDepth: 40 }),
      fc.string({ maxLength: 30_000 }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 250 }), values), { maxLength: 60 }),
        (all) => {
          const kept = new KeptMetrics();
          for (const [name, value] of all) kept.set(name, value);
          const text = JSON.stringify(kept.toObject());
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(METRIC_LIMITS.bytes);
          expect(new KeptMetrics(JSON.parse(text) as Record<string, unknown>).note).toBeNull();
          expect(
            Object.keys(kept.toObject()).length === new Set(all.map(([name]) => name)).size || kept.note !== null,
          ).toBe(true);
        },
      ),
    );
  });

  it('are the first names and their last values', () => {
    const kept = new KeptMetrics();
    for (let step = 0; step < 3; step++) for (let n = 0; n < 1_500; n++) kept.set(`m${n}`, step + n / 3);
    expect(Object.keys(kept.toObject())).toHaveLength(1_000);
    expect(kept.toObject()['m999']).toBe(2 + 333);
    expect(kept.note?.match(/a job may have 1000 names/g)).toHaveLength(1);
  });

  it('hold no more values together than a document may', () => {
    const kept = new KeptMetrics();
    for (let n = 0; n < 10; n++)
      kept.set(
        `m${n}`,
        Array.from({ length: 900 }, () => 1),
      );
    expect(Object.keys(kept.toObject()).length).toBeLessThanOrEqual(JSON_LIMITS.maxEntries / 900);
    expect(kept.note).toContain('together they may hold');
  });
});

describe('what a program reports', () => {
  const read = (path: string, after?: string) =>
    readProgramEvents(path, { limit: 1_000, final: true, ...(after === undefined ? {} : { after }) });

  it('is an event or a line that is counted, whatever it is', async () => {
    const path = join(folder, 'events.jsonl');
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { maxLength: 20 }), async (lines) => {
        await writeFile(path, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
        for (let page = await read(path), before = ''; page.cursor !== before;) {
          for (const event of page.events) if (event.type === 'metric') expect(event.name).not.toBe('__proto__');
          before = page.cursor;
          page = await read(path, before);
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['a name that is more than a name', '{"type":"metric","name":"__proto__","value":1}'],
    ['a name of half a character', String.raw`{"type":"metric","name":"\ud800","value":1}`],
    ['a name without end', JSON.stringify({ type: 'metric', name: 'n'.repeat(201), value: 1 })],
    ['a number that is too large', '{"type":"metric","name":"a","value":1e999}'],
    ['a message without end', JSON.stringify({ type: 'progress', fraction: 1, message: 'm'.repeat(2_001) })],
    ['a line that nests without end', `{"type":"metric","name":"a","value":1,"x":${nested(8_000)}}`],
    ['a line without end', `{"type":"metric","name":"a","value":1,"x":"${'x'.repeat(20_000)}"}`],
  ])('is no event with %s', async (_, line) => {
    await writeFile(join(folder, 'events.jsonl'), `${line.slice(0, 30_000)}\n{"type":"progress","fraction":1}\n`);
    const page = await read(join(folder, 'events.jsonl'));
    const nests = line.includes('[[');
    expect(page).toMatchObject({ events: nests ? [{}, {}] : [{ type: 'progress' }], invalidLines: nests ? 0 : 1 });
  });

  it('is passed over where there is more than anybody reads, but for its end', async () => {
    const path = join(folder, 'events.jsonl');
    await writeFile(path, '');
    await truncate(path, 2 ** 40);
    appendFileSync(path, '\n{"type":"metric","name":"last","value":7}\n');
    const events = [];
    const first = await read(path);
    expect(first.skippedBytes).toBeGreaterThan(2 ** 40 - MOST_BYTES_BEHIND);
    for (let page = first, before = ''; page.cursor !== before;) {
      events.push(...page.events);
      before = page.cursor;
      page = await read(path, before);
    }
    expect(events).toMatchObject([{ name: 'last', value: 7 }]);
  });
});

describe('the records of a run', () => {
  const records = ['claim', 'program', 'cancel', 'exit'] as const;
  async function runWith(record: (typeof records)[number]): Promise<{ run: RunFolder; path: string }> {
    const run = new RunFolder(folder);
    await rm(run.path, { recursive: true, force: true });
    await mkdir(run.path);
    await writeFile(run.order, '{}');
    if (record !== 'claim')
      await writeFile(run.claim, JSON.stringify({ owner: { pid: 4_194_304, start: '1', boot: 'x' } }));
    return { run, path: run[record] };
  }

  it('end the job with the name of the one that is damaged, whatever was written there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...records), bytes, async (record, content) => {
        const { run, path } = await runWith(record);
        await writeFile(path, content);
        const { state, failure } = await observeRun(run);
        expect(state).toBe('FAILED');
        expect(failure).toMatchObject({ code: 'RESULT_INVALID', retryable: false });
        expect(failure?.message).toContain(basename(path));
      }),
      { numRuns: 200 },
    );
  });

  it.each(records)('end the job when something else lies in the place of %s', async (record) => {
    const put: [string, (path: string) => unknown][] = [
      ['is a folder', (path) => mkdir(path)],
      ['is a symbolic link', (path) => symlink('/dev/zero', path)],
      ['is no regular file', (path) => execFileSync('mkfifo', [path])],
      ['has 1099511627776 bytes', (path) => writeFile(path, '').then(() => truncate(path, 2 ** 40))],
    ];
    for (const [words, place] of put) {
      const { run, path } = await runWith(record);
      await place(path);
      const { state, failure } = await observeRun(run);
      expect({ state, message: failure?.message }).toEqual({
        state: 'FAILED',
        message: expect.stringContaining(`${basename(path)} in the folder of the job ${words}`) as string,
      });
    }
  });
});
