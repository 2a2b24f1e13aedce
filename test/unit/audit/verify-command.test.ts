import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newSigningKey, readSigner, signCheckpoint } from '../../../src/audit/checkpoints/checkpoint.js';
import { canonicalBody } from '../../../src/audit/record/log-entry.js';
import { checkpointLine } from '../../../src/audit/verification/log-export.js';
import { Frontier, leafHash } from '../../../src/audit/sealing/merkle.js';
import { ORIGIN, PAST_RETENTION, SignedLog } from '../../support/signed-log.js';
import { type Outcome, WeftCommand } from '../../support/weft-command.js';

const SIZE = 300;

const log = new SignedLog(SIZE);
const lines = log.lines();
let folder: string;
let collected: string;
let command: WeftCommand;

beforeAll(async () => {
  command = await WeftCommand.build();
  folder = mkdtempSync(join(tmpdir(), 'weftline-verify-'));
  collected = join(folder, 'collected');
  mkdirSync(collected);
  for (const size of [100, 200]) writeFileSync(join(collected, `checkpoint-${size}`), log.checkpoint(size));
  writeFileSync(join(collected, 'checkpoint-300.tmp'), 'half written');
  writeFileSync(join(folder, 'log.key.pub'), `${log.key.verifier}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  command.remove();
});

const weft = (...args: string[]): Promise<Outcome> => command.run(args);

/** Checks these lines as a file of their own. */
async function verify(exported: string | readonly string[], ...more: string[]): Promise<Outcome> {
  const file = join(folder, `export-${Math.random()}.jsonl`);
  writeFileSync(file, typeof exported === 'string' ? exported : exported.map((line) => `${line}\n`).join(''));
  return weft('audit', 'verify', '--export', file, '--key', join(folder, 'log.key.pub'), ...more);
}

const lineOf = (seq: number): string => lines[seq + 1] ?? '';
const idOf = (seq: number): string => log.entries[seq]?.content?.body.id ?? '';
const closing = (note: string): string => checkpointLine(note).trimEnd();
const found = (...problems: string[]): Outcome => ({
  code: 1,
  stdout: problems.map((problem) => `${problem.replaceAll('FOLDER', collected)}\n`).join(''),
  stderr: '',
});

/** The export with some entries put in place of one. */
function withEntry(seq: number, ...instead: string[]): string[] {
  return lines.toSpliced(seq + 1, 1, ...instead);
}

/** The line of an entry after a change of its body, with the leaf made to fit or not. */
function edited(seq: number, change: object, { leafToo }: { leafToo: boolean }): string {
  const entry = JSON.parse(lineOf(seq)) as { leafHash: string; body: object };
  entry.body = { ...entry.body, ...change };
  if (leafToo) entry.leafHash = leafHash(Buffer.from(canonicalBody(entry.body as never))).toString('base64');
  return JSON.stringify(entry);
}

/** The line of an entry as retention leaves it. */
function bodyless(seq: number): string {
  const { leafHash: leaf } = JSON.parse(lineOf(seq)) as { leafHash: string };
  return JSON.stringify({ seq, leafHash: leaf });
}

/** The line of one entry with the number of another. */
const numbered = (seq: number, as: number): string => lineOf(seq).replace(`{"seq":${seq},`, `{"seq":${as},`);

/** A log that somebody else made of the same entries and one more change, signed with the key that is given. */
function rewritten(signer = log.signer): string[] {
  const changed = withEntry(150, edited(150, { actor: 'nobody' }, { leafToo: true }));
  const tree = new Frontier();
  for (const line of changed.slice(1, -1))
    tree.append(Buffer.from((JSON.parse(line) as { leafHash: string }).leafHash, 'base64'));
  return changed.with(-1, closing(signCheckpoint({ origin: ORIGIN, size: SIZE, root: tree.root() }, signer)));
}

const UNTRUSTED = 'The checkpoint at the end is not to be trusted.';
const CHANGED = `${UNTRUSTED} The signature of ${ORIGIN}+${log.signer.id} does not fit the text: one of them was changed.`;
const NO_END = 'The export does not end with a checkpoint: its end was cut off, or it was never finished.';
const cutTail = (name: string, size: number, held: number, older = ''): string =>
  `The export ends after ${held} entries, and ${name} counts ${size}: the last ${size - held} were cut off, ` +
  `or as many were taken out and the rest was numbered anew${older}.`;
const OLDER = ', or the export is older than the checkpoint';
const AT_THE_END = 'the checkpoint at the end';
const misfit = (from: number, to: number, why: string): string =>
  `Among the entries ${from} to ${to} are some that are not as the log had it when it was signed. ${why}.`;
const FITS_NOT_END = 'The log does not fit the checkpoint at the end (size 300)';
const FITS_100 =
  'The log fits the checkpoint FOLDER/checkpoint-100 (size 100), and not the checkpoint FOLDER/checkpoint-200 (size 200)';
const incomparable = (from: number): string =>
  `From entry ${from} on, the log could not be compared with the checkpoint at the end: entries are missing.`;

describe('an intact log', () => {
  it('is said to be so, with what it holds', async () => {
    const tree = new Frontier();
    for (const { leafHash: leaf } of log.entries) tree.append(leaf);
    expect(await verify(lines, '--checkpoint', collected)).toEqual({
      code: 0,
      stdout: `The audit log ${ORIGIN} is intact.
  entries               300
  root                  ${tree.root().toString('base64')}
  first entry           2026-10-01T00:12:00.000Z
  last entry            2026-10-01T04:59:00.000Z
  bodies past retention ${PAST_RETENTION}
  values erased         0
  checkpoints compared  3
`,
      stderr: '',
    });
  });

  it('stays so when bodies are past retention and values of persons were erased', async () => {
    const { detached: _erased, ...rest } = JSON.parse(lineOf(21)) as { detached: unknown };
    const kept = withEntry(PAST_RETENTION, bodyless(PAST_RETENTION));
    const { code, stdout } = await verify(kept.with(22, JSON.stringify({ ...rest, detached: {} })));
    expect(code).toBe(0);
    expect(stdout).toContain(`bodies past retention ${PAST_RETENTION + 1}\n  values erased         3\n`);
  });

  it('is so without entries, without a last line feed, and under an older key among the trusted', async () => {
    const empty = [lines[0] ?? '', closing(log.checkpoint(0))];
    expect(await verify(empty)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('first entry           none') as string,
    });
    expect((await verify(lines.join('\n'))).code).toBe(0);
    const newer = newSigningKey(ORIGIN);
    const rotated = lines.with(-1, closing(log.checkpoint(SIZE, { signer: readSigner(newer.signer) })));
    expect((await verify(rotated, '--checkpoint', collected, '--key', newer.verifier)).code).toBe(0);
  });

  it('cannot be told from one whose end was cut off at an earlier checkpoint, without a later one', async () => {
    const cut = [...lines.slice(0, 201), closing(log.checkpoint(200))];
    expect((await verify(cut)).code).toBe(0);
    const later = join(folder, 'later');
    writeFileSync(later, log.checkpoint(300));
    expect(await verify(cut, '--checkpoint', later)).toEqual(
      found(cutTail(`the checkpoint ${later}`, 300, 200, OLDER)),
    );
  });
});

describe('tampering', () => {
  const swapped = lines.with(151, lineOf(151)).with(152, lineOf(150));
  const swappedAnew = lines.with(151, numbered(151, 150)).with(152, numbered(150, 151));
  const stranger = readSigner(newSigningKey(ORIGIN).signer);
  const renumbered = [
    ...lines.slice(0, 151),
    ...log.entries.slice(151).map(({ seq }) => numbered(seq, seq - 1)),
    lines[301] ?? '',
  ];
  const note = log.checkpoint(SIZE);
  const forgedValue = lineOf(150).replace('"value":"Person 0"', '"value":"Person 1"');

  it.concurrent.each<[string, readonly string[], string[], string[]]>([
    [
      'an edited entry',
      withEntry(150, edited(150, { actor: 'nobody' }, { leafToo: false })),
      [],
      [`Entry 150 (${idOf(150)}) was edited: its body does not hash to its leaf.`],
    ],
    [
      'an edited entry whose leaf was made to fit',
      withEntry(150, edited(150, { actor: 'nobody' }, { leafToo: true })),
      [],
      [misfit(0, 299, FITS_NOT_END)],
    ],
    [
      'the same, between two checkpoints that were collected',
      withEntry(150, edited(150, { actor: 'nobody' }, { leafToo: true })),
      ['COLLECTED'],
      [misfit(100, 199, FITS_100)],
    ],
    [
      'half a surrogate pair in an entry',
      withEntry(150, edited(150, { actor: '\ud800' }, { leafToo: false })),
      [],
      [`Entry 150 (${idOf(150)}) was edited: its body does not hash to its leaf.`],
    ],
    [
      'an entry whose body was taken out as if it were past retention',
      withEntry(150, bodyless(150)),
      [],
      ['Entry 150 (line 152) has no body, and older ones have: it was taken out.'],
    ],
    [
      'an entry with something else for a body',
      withEntry(150, edited(150, {}, { leafToo: false }).replace(/"body":\{.*\},"detached"/, '"body":null,"detached"')),
      [],
      ['Entry 150 was edited: what stands in line 152 is no entry of the log.'],
    ],
    [
      'an entry that lost its id, and one that lost what was detached',
      withEntry(150, edited(150, { id: undefined }, { leafToo: false })).with(
        152,
        lineOf(151).replace(/,"detached":.*$/, '}'),
      ),
      [],
      [
        'Entry 150 was edited: what stands in line 152 is no entry of the log.',
        'Entry 151 was edited: what stands in line 153 is no entry of the log.',
      ],
    ],
    ['a removed entry', withEntry(150), [], ['Entry 150 is missing.', incomparable(150)]],
    [
      'a gap of many, and one more',
      lines.toSpliced(151, 20).toSpliced(11, 1),
      [],
      ['Entry 10 is missing.', 'The entries 150 to 169 are missing.', incomparable(10)],
    ],
    ['a removed entry, the rest numbered anew', renumbered, [], [cutTail(AT_THE_END, 300, 299)]],
    [
      'the same, between two checkpoints that were collected',
      renumbered,
      ['COLLECTED'],
      [misfit(100, 199, FITS_100), cutTail(AT_THE_END, 300, 299)],
    ],
    ['a reordered pair', swapped, [], ['Entry 150 stands after entry 151 (line 153): the order was changed.']],
    ['a reordered pair, numbered anew', swappedAnew, ['COLLECTED'], [misfit(100, 199, FITS_100)]],
    ['a doubled entry', withEntry(150, lineOf(150), lineOf(150)), [], ['Entry 150 is there twice: again in line 153.']],
    ['a tail cut off', lines.toSpliced(-11, 10), [], [cutTail(AT_THE_END, 300, 290)]],
    ['a tail cut off with the checkpoint', lines.slice(0, 291), [], [NO_END]],
    [
      'a tail cut off with the checkpoint, and one that was collected',
      lines.slice(0, 151),
      ['COLLECTED'],
      [NO_END, cutTail('the checkpoint FOLDER/checkpoint-200', 200, 150, OLDER)],
    ],
    [
      'entries after what was signed',
      lines.with(-1, closing(log.checkpoint(298))),
      [],
      ['The entries 298 to 299 are beyond what the checkpoint at the end counts: nobody signed that.'],
    ],
    [
      'a whole log made anew by somebody else',
      rewritten(stranger),
      [],
      [
        `${UNTRUSTED} It is signed by ${ORIGIN}+${stranger.id}, and not by a key that is trusted here (${ORIGIN}+${log.signer.id}).`,
      ],
    ],
    [
      'a whole log made anew by who has the key, when checkpoints were collected',
      rewritten(),
      ['COLLECTED'],
      [
        'The log fits the checkpoint at the end (size 300), and not the checkpoint FOLDER/checkpoint-200 (size 200), ' +
          'and both are signed: there are two logs under one name.',
      ],
    ],
    ['a checkpoint of another size', lines.with(-1, closing(note.replace('\n300\n', '\n299\n'))), [], [CHANGED]],
    [
      'a checkpoint of another root',
      lines.with(-1, closing(note.replace(/\n[\w+/]{43}=\n/, `\n${leafHash(Buffer.of(1)).toString('base64')}\n`))),
      [],
      [CHANGED],
    ],
    ['a checkpoint of another origin', lines.with(-1, closing(note.replace(ORIGIN, 'other/log'))), [], [CHANGED]],
    [
      'a checkpoint of another log, signed with the same key',
      lines.with(-1, closing(log.checkpoint(SIZE, { origin: 'other/log' }))),
      [],
      [`The export is about the log ${ORIGIN}, and the checkpoint at the end about the log other/log.`],
    ],
    [
      'a checkpoint that is no note',
      lines.with(-1, closing('hello')),
      [],
      [`${UNTRUSTED} It is no signed note: it takes lines of text, an empty line, and signatures.`],
    ],
    [
      'a detached value that is another',
      withEntry(150, forgedValue),
      [],
      [`Entry 150 (${idOf(150)}): the value at /actorName is not the one that was logged.`],
    ],
    [
      'a garbage line',
      withEntry(150, '{"seq":150,"leafHa'),
      [],
      [
        'Line 152 cannot be read: it is no JSON, so it was cut off or changed.',
        'Entry 150 is missing.',
        incomparable(150),
      ],
    ],
    [
      'a line of another kind',
      withEntry(150, '{"seq":"150"}'),
      [],
      ['Line 152 cannot be read: it is neither an entry nor a checkpoint.', 'Entry 150 is missing.', incomparable(150)],
    ],
    [
      'a member given twice, for readers that take the first',
      withEntry(150, lineOf(150).replace('"body":{', '"body":{"actor":"nobody",')),
      [],
      [
        'Line 152 cannot be read: a member is there twice, or it was written anew by another tool.',
        'Entry 150 is missing.',
        incomparable(150),
      ],
    ],
    [
      'a file that was cut off within a line',
      [...lines.slice(0, 251), lineOf(250).slice(0, 40)],
      [],
      ['Line 252 cannot be read: it is no JSON, so it was cut off or changed.', NO_END],
    ],
    [
      'a missing first line',
      lines.slice(1),
      [],
      ['Line 1 does not say that this is an export of an audit log.', 'Entry 0 is missing.', incomparable(0)],
    ],
    [
      'two exports in one file',
      [...lines.slice(0, 2), ...lines.slice(0, 1), ...lines.slice(2)],
      [],
      ['Line 3 begins another export.'],
    ],
    [
      'lines after the checkpoint',
      [...lines, lineOf(1)],
      [],
      ['Line 303 stands after the checkpoint of line 302, which ends an export.'],
    ],
    ['an empty file', [], [], ['The file is empty: not even the first line of an export is there.']],
  ])('finds and names %s', async (_what, exported, evidence, problems) => {
    const given = evidence.length > 0 ? ['--checkpoint', collected] : [];
    expect(await verify(exported, ...given)).toEqual(found(...problems));
  });

  it('finds and names a checkpoint that was collected and is forged, of another log, or of a second log of that name', async () => {
    const [forged, other, fork] = ['forged', 'other', 'fork'].map((name) => join(folder, name));
    writeFileSync(forged ?? '', note.replace('\n300\n', '\n299\n'));
    writeFileSync(other ?? '', log.checkpoint(100, { origin: 'other/log' }));
    writeFileSync(fork ?? '', (JSON.parse(rewritten().at(-1) ?? '') as { checkpoint: string }).checkpoint);
    const given = [forged, other, fork].flatMap((file) => ['--checkpoint', file ?? '']);
    expect(await verify(lines, ...given)).toEqual(
      found(
        CHANGED.replace('The checkpoint at the end', `The checkpoint ${forged}`),
        `The export is about the log ${ORIGIN}, and the checkpoint ${other} about the log other/log.`,
        `The log fits the checkpoint at the end (size 300), and not the checkpoint ${fork} (size 300), and both are signed: there are two logs under one name.`,
      ),
    );
  });

  it('counts, and does not print, more than a hundred problems', async () => {
    const { code, stdout } = await verify(lines.map((line, index) => (index % 2 === 1 ? 'garbage' : line)));
    expect(code).toBe(1);
    expect(stdout.split('\n')).toHaveLength(102);
    expect(stdout).toMatch(/\n… and 202 more\.\n$/);
  });

  it('shows no stack trace for bytes that are no text', async () => {
    const { code, stdout, stderr } = await weft(
      'audit',
      'verify',
      '--export',
      process.execPath,
      '--key',
      log.key.verifier,
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^Line 1 cannot be read: it is no text, or far too long\.\n/);
  });
});
