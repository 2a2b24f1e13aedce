import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const ROOT = join(import.meta.dirname, '../..');

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** The real `npx weft`, built once, each call of it a process of its own. */
export class WeftCommand {
  private constructor(private readonly folder: string) {}

  static async build(): Promise<WeftCommand> {
    // Within the project, where it finds its packages.
    mkdirSync(join(ROOT, '.weftline/test'), { recursive: true });
    const folder = mkdtempSync(join(ROOT, '.weftline/test/weft-'));
    const ssr = join(ROOT, 'src/cli/weft.ts');
    await build({ configFile: false, logLevel: 'error', root: ROOT, build: { ssr, outDir: folder } });
    return new WeftCommand(folder);
  }

  async run(args: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const env = { PATH: process.env['PATH'] ?? '', HOME: this.folder, ...settings };
    return new Promise((resolve) => {
      execFile(process.execPath, [join(this.folder, 'weft.js'), ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  /** A call that goes on until it is ended; what it says can be heard. */
  start(args: readonly string[], settings: Readonly<Record<string, string>> = {}): ChildProcess {
    const env = { PATH: process.env['PATH'] ?? '', HOME: this.folder, ...settings };
    return spawn(process.execPath, [join(this.folder, 'weft.js'), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
