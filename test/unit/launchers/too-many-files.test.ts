import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type JobUser, openJobUser, whyUnable } from '../../../src/launchers/machine/job-user.js';
import type { JobObservation } from '../../../src/launchers/port/launcher.js';
import { orderOf, sha256, submitNew, untilLogged, untilOver, waitsFor } from '../../support/launcher-jobs.js';
import { LocalWorkshop } from '../../support/local-workshop.js';
import { allowFilesAgain, allowNoMoreFiles, canLimitFiles } from '../../support/open-files.js';

let workshop: LocalWorkshop;
beforeAll(async () => {
  workshop = await LocalWorkshop.open();
});
afterAll(() => rmSync(workshop.directory, { recursive: true, force: true }));

/** Its supervisor may open nothing from before its program ends until it says that it waits for that. */
async function runWithoutFiles(name: string, runAs: JobUser | null): Promise<JobObservation> {
  const launcher = workshop.launcher(runAs === null ? {} : { runAs });
  const mark = join(workshop.directory, name);
  const handle = await submitNew(launcher, orderOf(waitsFor(mark)));
  await untilLogged(launcher, handle, 'ready');
  const { supervisor } = await workshop.pidsOf(handle);
  allowNoMoreFiles(supervisor);
  try {
    writeFileSync(mark, '');
    const said = (): string => readFileSync(workshop.runOf(handle).supervisorLog, 'utf8');
    await expect.poll(said).toContain('The job waits: too many files are open.');
    expect((await launcher.observe(handle)).state).toBe('RUNNING');
  } finally {
    allowFilesAgain(supervisor);
  }
  return await untilOver(launcher, handle);
}

if (canLimitFiles)
  it('A job whose supervisor may open no more files ends as its program ended, once it may', async () => {
    expect(await runWithoutFiles('go', null)).toMatchObject({
      state: 'SUCCEEDED',
      exitCode: 0,
      output: { digest: sha256('m') },
    });
  });

if (canLimitFiles && whyUnable() === null)
  it('So does one whose files are taken back from a user of its own', async () => {
    const { directory } = workshop;
    const user = openJobUser('nobody', { directory, home: directory });
    expect(await runWithoutFiles('go-as-nobody', user)).toMatchObject({
      state: 'SUCCEEDED',
      output: { digest: sha256('m') },
    });
  });
