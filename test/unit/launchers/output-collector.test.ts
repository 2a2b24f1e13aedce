import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectOutput } from '../../../src/launchers/runner/output-collector.js';

describe('the output of a program', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weftline-output-'));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  it('has the digest anyone can compute with find, sort and sha256sum, whatever the names', async () => {
    await mkdir(join(folder, 'a'));
    const names = ['a/1', 'a-b', 'Z', 'é', '🧵', '\uffee', 'two words', 'back\\slash', 'new\nline'];
    for (const name of names) await writeFile(join(folder, name), name);
    const printed = execFileSync(
      'sh',
      ['-c', "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum --"],
      { cwd: folder },
    );
    const { digest } = await collectOutput(folder, 1000);
    expect(digest).toBe(`sha256:${createHash('sha256').update(printed).digest('hex')}`);
  });

  it('is refused when a pipe lies among the files, without waiting for a writer', async () => {
    execFileSync('mkfifo', [join(folder, 'model')]);
    await expect(collectOutput(folder, 1000)).rejects.toMatchObject({ code: 'RESULT_INVALID' });
  });

  it('is refused when the folder was replaced by something else', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(collectOutput(join(folder, 'file'), 1000)).rejects.toMatchObject({ code: 'RESULT_INVALID' });
    await expect(collectOutput(join(folder, 'gone'), 1000)).rejects.toMatchObject({ code: 'RESULT_INVALID' });
  });

  it('is refused with the size it has and the size it may have', async () => {
    await writeFile(join(folder, 'model'), '12345');
    await expect(collectOutput(folder, 4)).rejects.toMatchObject({
      code: 'OUTPUT_TOO_LARGE',
      message: expect.stringMatching(/5 bytes .* may leave 4/) as string,
    });
  });
});
