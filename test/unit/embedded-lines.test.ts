import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHome } from '../../src/neo4j/embedded/home.js';
import { findJava } from '../../src/neo4j/embedded/java.js';
import { isNewer, LINES } from '../../src/neo4j/embedded/lines.js';
import { claimStore } from '../../src/neo4j/embedded/store.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weftline-java-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the line of Neo4j', () => {
  it.each([
    ['17.0.15', '5.26'],
    ['20.0.2', '5.26'],
    ['21', '2026'],
    ['25.0.1', '2026'],
  ])('on Java %s is %s', async (version, name) => {
    expect((await findJava(javaHome(version))).line.name).toBe(name);
  });

  it('is none on an older Java, and that says what to install', async () => {
    await expect(findJava(javaHome('1.8.0_392'))).rejects.toThrow(/is Java 8\. Install a Java 17/);
  });
});

describe('a store', () => {
  const [older, newer] = LINES;
  if (older === undefined || newer === undefined) throw new Error('There are two lines.');

  it('is taken over by a newer Neo4j, with a word, and refused to an older one, with what to do', () => {
    const home = openHome(join(folder, 'home'));
    const told: string[] = [];
    claimStore(home, older, (message) => told.push(message));
    mkdirSync(join(home.folder, 'data', 'databases'));
    claimStore(home, older, (message) => told.push(message));
    expect(told).toEqual([]);
    claimStore(home, newer, (message) => told.push(message));
    expect(told).toEqual([expect.stringContaining(`Neo4j ${newer.version} takes it over now`)]);
    expect(() => claimStore(home, older, () => undefined)).toThrow('Set JAVA_HOME to a Java 21 or later');
    writeFileSync(join(home.folder, 'store-version'), '2031.02.0\n');
    expect(() => claimStore(home, newer, () => undefined)).toThrow('Use the version of Weftline that wrote it');
  });

  it('is of another age by year and month, not by patch', () => {
    expect(isNewer('2026.02.0', '2026.01.4')).toBe(true);
    expect(isNewer('2026.01.4', '5.26.30')).toBe(true);
    expect(isNewer('5.26.30', '5.26.1')).toBe(false);
  });
});

/** A folder with a Java that says it is of this version. */
function javaHome(version: string): NodeJS.ProcessEnv {
  const home = join(folder, version);
  mkdirSync(join(home, 'bin'), { recursive: true });
  const java = join(home, 'bin', 'java');
  writeFileSync(java, `#!/bin/sh\necho 'openjdk version "${version}" 2025-01-01' >&2\n`);
  chmodSync(java, 0o755);
  return { ...process.env, JAVA_HOME: home };
}
