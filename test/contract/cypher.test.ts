import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DESCRIBED, describeParameters } from '../../src/cli/cypher-parameters.js';
import { everydayStatements } from '../../src/everyday.statements.js';

const PROGRAM = join(import.meta.dirname, '../../dist/cli/cypher.js');

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function cypher(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) =>
    execFile(process.execPath, [PROGRAM, ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  );
}

describe('Parameters of statements', () => {
  const described = everydayStatements().flatMap((text) =>
    describeParameters(text).map((each) => ({ statement: text.split('\n', 1)[0], ...each })),
  );

  it('are described, each of them', () => {
    expect(
      described.filter(({ meaning }) => meaning === null).map(({ name, statement }) => `${name} of ${statement ?? ''}`),
    ).toEqual([]);
  });

  it('are there, each that is described', () => {
    const named = new Set(described.map(({ name }) => name));
    expect(DESCRIBED.filter((name) => !named.has(name))).toEqual([]);
  });
});

describe('npm run cypher', () => {
  it('prints a statement as it is sent, with its parameters and what is read of them', async () => {
    const { code, stdout } = await cypher('lineage.page');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\/\/ lineage\.page\n/);
    expect(stdout).not.toMatch(/\$(?!p\b)\w/);
    expect(stdout).toMatch(/\/\/ {3}viewer \(\.asOf.*\): who asks/);
    expect(stdout).toMatch(/more text\(s\) of this name/);
    const all = await cypher('lineage.page', '--all');
    expect(all.stdout.match(/^\/\/ lineage\.page$/gm)?.length).toBeGreaterThan(3);
  });

  it('knows every statement, and says what there is where it knows none', async () => {
    const { stdout } = await cypher();
    const names = new Set(everydayStatements().map((text) => /^\/\/ (\S+)/.exec(text)?.[1]));
    expect(stdout.trim().split('\n')).toEqual([...names].sort());
    const none = await cypher('lineage.pages');
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toContain('There is no statement lineage.pages. There are: lineage.addClaims');
  });
});
