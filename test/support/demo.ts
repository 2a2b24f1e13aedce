import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

export interface EndedDemo {
  code: number | null;
  text: string;
}

/** Runs the built demo in that home until it ends by itself. */
export function demonstrate(
  home: string,
  environment: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<EndedDemo> {
  const { NEO4J_URI: _uri, NEO4J_USERNAME: _username, NEO4J_PASSWORD: _password, ...inherited } = process.env;
  // A database that has just started beside a whole test run is slow to plan its first queries.
  const slow = { WEFTLINE_NEO4J_HEAP_MB: '512', WEFTLINE_QUERY_TIMEOUT_MS: '60000' };
  const own = { WEFTLINE_HOME: home, WEFTLINE_PORT: '0', ...slow };
  const options = { cwd: ROOT, env: { ...inherited, ...own, ...environment } };
  return new Promise((resolveEnded) => {
    const child = execFile(process.execPath, ['dist/demo/main.js', '--exit', ...args], options, (_, stdout, stderr) =>
      resolveEnded({ code: child.exitCode, text: stdout + stderr }),
    );
  });
}

/** The tree as printed, of so many lines, without what depends on the content of the example. */
export function treeOf({ text }: EndedDemo, length: number): string[] {
  const lines = text.split('\n').map((line) => line.slice(4));
  const begin = lines.findIndex((line) => line.startsWith('penguin-api  ('));
  return lines
    .slice(begin, begin + length)
    .map((line) => line.replace(/version [0-9a-f-]{12,}/, 'version …').replace(/sha256:[0-9a-f]{8}…/, 'sha256:…'));
}
