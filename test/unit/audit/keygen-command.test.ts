/** The commands of the audit log where they are called wrongly, and those that make keys. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newSigningKey, readSigner } from '../../../src/audit/checkpoints/checkpoint.js';
import { fullDisk } from '../../support/full-disk.js';
import { type Outcome, WeftCommand } from '../../support/weft-command.js';

let folder: string;
let command: WeftCommand;

beforeAll(async () => {
  command = await WeftCommand.build();
  folder = mkdtempSync(join(tmpdir(), 'weftline-keygen-'));
  const { signer, verifier } = newSigningKey('weftline/test');
  writeFileSync(join(folder, 'log.key'), `${signer}\n`);
  writeFileSync(join(folder, 'log.key.pub'), `${verifier}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  command.remove();
});

const weft = (...args: string[]): Promise<Outcome> => command.run(args);

describe('wrong usage', () => {
  it.concurrent.each<[string, (folder: string) => string[], string]>([
    ['no command', () => [], 'A command is missing.'],
    ['an unknown command', () => ['audit', 'burn'], 'There is no command audit burn.'],
    ['no export', () => ['audit', 'verify', '--key', 'x'], '--export is missing.'],
    ['no key', () => ['audit', 'verify', '--export', 'x'], '--key is missing'],
    ['an unknown option', () => ['audit', 'verify', '--force'], "Unknown option '--force'"],
    [
      'an option without its value',
      () => ['audit', 'verify', '--export'],
      "Option '--export <value>' argument missing",
    ],
    [
      'a file that is not there',
      (at) => ['audit', 'verify', '--export', '/nowhere', '--key', join(at, 'log.key.pub')],
      '/nowhere: there is no such file or folder.',
    ],
    [
      'a folder as the export',
      (at) => ['audit', 'verify', '--export', at, '--key', join(at, 'log.key.pub')],
      'this is a folder, and a file is wanted.',
    ],
    [
      'no key in the key',
      () => ['audit', 'verify', '--export', 'x', '--key', 'hello'],
      '--key: it is neither a file nor a key: A key is <name>+<id>+<base64>',
    ],
    [
      'the secret key',
      (at) => ['audit', 'verify', '--export', 'x', '--key', join(at, 'log.key')],
      'This is the secret signing key.',
    ],
    [
      'a folder without checkpoints',
      (at) => ['audit', 'verify', '--export', 'x', '--key', join(at, 'log.key.pub'), '--checkpoint', at],
      'has no files checkpoint-*.',
    ],
    [
      'a name that cannot be one',
      () => ['audit', 'keygen', '--name', 'a b', '--out', '/nowhere/key'],
      '--name a b: a name has no white space and no plus sign.',
    ],
    [
      'a folder that is not there',
      () => ['audit', 'keygen', '--name', 'log', '--out', '/nowhere/key'],
      '/nowhere/key: there is no such file or folder.',
    ],
  ])('is told for %s, with how to call it', async (_what, args, message) => {
    const { code, stdout, stderr } = await weft(...args(folder));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('\n\nUsage: npx weft ');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('is helped with --help', async () => {
    expect(await weft('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('audit verify') as string });
    expect((await weft('audit', 'verify', '--help')).stdout).toContain('--checkpoint FILE_OR_FOLDER');
  });
});

describe('audit keygen', () => {
  it('makes a key only its owner can read, and a key for auditors, and never overwrites one', async () => {
    const file = join(folder, 'new.key');
    const { code, stdout } = await weft('audit', 'keygen', '--name', 'my/log', '--out', file);
    expect(code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stdout).toContain(readFileSync(`${file}.pub`, 'utf8'));
    expect(stdout).not.toContain('PRIVATE');
    const secret = readFileSync(file, 'utf8');
    expect(readSigner(secret).name).toBe('my/log');
    const again = await weft('audit', 'keygen', '--name', 'my/log', '--out', file);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('is not overwritten') as string });
    expect(readFileSync(file, 'utf8')).toBe(secret);
  });

  it('leaves no half of a pair, where the other half is there already', async () => {
    const file = join(folder, 'half.key');
    writeFileSync(`${file}.pub`, 'of another key\n');
    const { code, stderr } = await weft('audit', 'keygen', '--name', 'my/log', '--out', file);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('half.key.pub: this file is there already, and is not overwritten.') as string,
    });
    expect(readdirSync(folder).filter((name) => name.startsWith('half.key'))).toEqual(['half.key.pub']);
    expect(readFileSync(`${file}.pub`, 'utf8')).toBe('of another key\n');
  });

  it('says that the disk is full, and leaves nothing on it', async () => {
    const disk = fullDisk(1);
    try {
      disk.fill();
      const before = disk.names();
      const { code, stderr } = await weft('audit', 'keygen', '--name', 'log', '--out', join(disk.path, 'log.key'));
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('/log.key: ') as string });
      expect(disk.names()).toEqual(before);
    } finally {
      disk.free();
      disk.remove();
    }
  });
});
