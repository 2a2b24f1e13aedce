/** Sees to it that a run has a supervisor, without ever giving it two: a second one finds the claim and ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import type { WatchedFolder } from '../../disk/watched-folder.js';
import { readPart } from '../logs/file-tail.js';
import { createJson } from '../files/json-file.js';
import { cleanEnvironment } from '../run-folder/environment.js';
import type { RunFolder } from '../run-folder/run-folder.js';
import { openToAppend } from '../files/plain-file.js';
import { refuseFull } from '../run-folder/reach.js';

const STARTED = 'A supervisor is started.';
const TOO_EARLY = 'Its turn has not come; it ends.';
const PATIENCE_MS = 10_000;
const MOST_STARTS = 3;
/** What a supervisor says when it fails is far less. */
const MOST_LOG_BYTES = 1024 * 1024;

export class Supervision {
  /** The command gets the folder of the run as its last argument. */
  constructor(
    private readonly command: readonly string[],
    /** Of the runs. */
    private readonly folder: WatchedFolder,
  ) {}

  /**
   * For a run that is unclaimed and whose turn has come: starts a supervisor, and another when the last one had time
   * enough. After three that came to nothing it takes the claim itself, in nobody's name, so that the job is known to be
   * lost and can be tried again: false. None is started, nor counted, while the disk takes no files. Two callers at once may start two; the queue lets one look at a time. Throws the
   * system's error when none can be started.
   */
  async resume(run: RunFolder): Promise<boolean> {
    await refuseFull(this.folder);
    const starts = await countStarts(run);
    if (starts > 0 && Date.now() - (await stat(run.supervisorLog)).mtimeMs < PATIENCE_MS) return true;
    if (starts >= MOST_STARTS) {
      await createJson(run.claim, { owner: null });
      return false;
    }
    await this.start(run);
    return true;
  }

  /** For a supervisor that ends because an earlier job came in between: its start counts for nothing. */
  async noteTooEarly(run: RunFolder): Promise<void> {
    const log = await openToAppend(run.supervisorLog);
    try {
      await log.write(lineOf(TOO_EARLY));
    } finally {
      await log.close();
    }
  }

  private async start(run: RunFolder): Promise<void> {
    const log = await openToAppend(run.supervisorLog);
    try {
      const [program = '', ...args] = this.command;
      // A session of its own and no pipe to us: it must live on when the API ends, or is killed.
      const supervisor = spawn(program, [...args, run.path], {
        detached: true,
        stdio: ['ignore', 'ignore', log.fd],
        env: cleanEnvironment(),
      });
      await once(supervisor, 'spawn');
      supervisor.unref();
      await log.write(lineOf(STARTED));
    } finally {
      await log.close();
    }
  }
}

/** How this process, a supervisor itself, was started, but for the folder of its run. */
export function ownCommand(): string[] {
  return [process.execPath, ...process.execArgv, ...process.argv.slice(1, 2)];
}

async function countStarts(run: RunFolder): Promise<number> {
  await (await openToAppend(run.supervisorLog)).close();
  const log = (await readPart(run.supervisorLog, 0, MOST_LOG_BYTES))?.bytes.toString('utf8') ?? '';
  return log.split(STARTED).length - log.split(TOO_EARLY).length;
}

function lineOf(text: string): string {
  return `${new Date().toISOString()} ${text}\n`;
}
