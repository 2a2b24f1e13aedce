/** A process that may open no more files, for real. Linux only: elsewhere nobody changes the limits of another process. */
import { execFileSync } from 'node:child_process';

export const canLimitFiles = process.platform === 'linux';

/** What it has open it keeps; everything it opens from now on is one too many (EMFILE). */
export function allowNoMoreFiles(pid: number): void {
  execFileSync('prlimit', ['--pid', String(pid), '--nofile=1:']);
}

/** As many as any process may. */
export function allowFilesAgain(pid: number): void {
  execFileSync('prlimit', ['--pid', String(pid), '--nofile=1024:']);
}
