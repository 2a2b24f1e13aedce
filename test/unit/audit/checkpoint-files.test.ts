import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readVerifier, verifierOf } from '../../../src/audit/checkpoints/checkpoint.js';
import { auditKey, CheckpointFiles } from '../../../src/audit/checkpoints/checkpoint-files.js';

const folder = mkdtempSync(join(tmpdir(), 'weftline-audit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('checkpoints in files', () => {
  const files = new CheckpointFiles(join(folder, 'made', 'by need'));

  it('are none at first', () => {
    expect(files.newest()).toBeNull();
  });

  it('are named by their size, and the newest is the largest', () => {
    files.write(9, 'nine');
    files.write(1_000_000_000_000, 'very many');
    files.write(100, 'a hundred');
    writeFileSync(join(files.directory, 'checkpoint-999999999999.0a.tmp'), 'half writ');
    expect(readdirSync(files.directory).filter((name) => !name.endsWith('.tmp'))).toEqual([
      'checkpoint-000000000009',
      'checkpoint-000000000100',
      'checkpoint-1000000000000',
    ]);
    expect(files.newest()).toEqual({ file: join(files.directory, 'checkpoint-1000000000000'), note: 'very many' });
  });
});

describe('the key that signs checkpoints', () => {
  const file = join(folder, 'keys', 'audit-key');

  it('is made once, readable by its owner alone, with the key that checks it beside', () => {
    const { signer, fresh } = auditKey(file, 'weftline/test');
    expect(fresh).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readVerifier(readFileSync(`${file}.pub`, 'utf8'))).toMatchObject({ name: 'weftline/test', id: signer.id });
    const again = auditKey(file, 'another name');
    expect(again.fresh).toBe(false);
    expect(verifierOf(again.signer)).toBe(verifierOf(signer));
  });

  it('is replaced by moving its file away: what the old one signed is still believed', () => {
    const old = auditKey(file, 'weftline/test').signer;
    rmSync(file);
    const { signer, verifiers, fresh } = auditKey(file, 'weftline/test');
    expect(fresh).toBe(true);
    expect(verifiers.map(({ id }) => id)).toEqual([signer.id, old.id]);
    expect(readFileSync(`${file}.pub`, 'utf8')).toBe(`${verifierOf(signer)}\n${verifierOf(old)}\n`);
  });

  it('is refused, and not replaced, when the file holds something else', () => {
    writeFileSync(join(folder, 'no-key'), 'hello');
    expect(() => auditKey(join(folder, 'no-key'), 'x')).toThrow('A signing key begins with');
    expect(readFileSync(join(folder, 'no-key'), 'utf8')).toBe('hello');
  });
});
