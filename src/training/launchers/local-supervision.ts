/** Sees to it that a run has a supervisor, without ever giving it two: a second one finds the claim and ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import { createJson } from './json-file.js';
import { cleanEnvironment } from './local-environment.js';
import type { RunFolder } from './local-run.js';

const STARTED = 'A supervisor is started.';
const PATIENCE_MS = 10_000;
const MOST_STARTS = 3;

export class Supervision {
  /** The command gets the folder of the run as its last argument. */
  constructor(private readonly command: readonly string[]) {}

  /** Starts a supervisor unless the run has, or had, one. Throws the system's error when that fails. */
  async begin(run: RunFolder): Promise<void> {
    if ((await run.readClaim()) !== null) return;
    const log = await open(run.supervisorLog, 'a', 0o600);
    try {
      await log.write(`${new Date().toISOString()} ${STARTED}\n`);
      const [program = '', ...args] = this.command;
      // A session of its own and no pipe to us: it must live on when the API ends, or is killed.
      const supervisor = spawn(program, [...args, run.path], {
        detached: true,
        stdio: ['ignore', 'ignore', log.fd],
        env: cleanEnvironment(),
      });
      await once(supervisor, 'spawn');
      supervisor.unref();
    } finally {
      await log.close();
    }
  }

  /**
   * For a run that is still unclaimed: starts another supervisor when the last one had time enough. After three that came
   * to nothing it takes the claim itself, in nobody's name, so that the job is known to be lost and can be tried again.
   */
  async resume(run: RunFolder): Promise<void> {
    const starts = await countStarts(run);
    if (starts > 0 && Date.now() - (await stat(run.supervisorLog)).mtimeMs < PATIENCE_MS) return;
    if (starts < MOST_STARTS) await this.begin(run);
    else await createJson(run.claim, { owner: null });
  }
}

async function countStarts(run: RunFolder): Promise<number> {
  const file = await open(run.supervisorLog, 'a+', 0o600);
  await file.close();
  return (await readFile(run.supervisorLog, 'utf8')).split(STARTED).length - 1;
}
