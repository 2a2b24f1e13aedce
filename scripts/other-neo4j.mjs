// Runs the tests of the graph and of the API on the line of Neo4j that `npm test` does not take, with a Java for it
// that is found on this machine: `npm run test:neo4j [-- <words for vitest>]`. With --find it only says whether there is
// one: 0 and its folder, or 3 and what to install.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { findJava } = await import(pathToFileURL(join(root, 'dist/neo4j/embedded/java.js')).href);

/** Where Debian, macOS and Homebrew put them. */
const FOLDERS = ['/usr/lib/jvm', '/Library/Java/JavaVirtualMachines', '/opt/homebrew/opt', '/usr/local/opt'];
const INSTALL = {
  5.26: 'a Java 17 (Debian: apt install openjdk-17-jre-headless; macOS: brew install openjdk@17)',
  2026: 'a Java 21 or later (Debian: apt install openjdk-21-jre-headless, or a package of https://adoptium.net; macOS: brew install openjdk@21)',
};
const NONE_THERE = 3;

process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.name === 'SetupError' ? error.message : error.stack}\n`);
  return 1;
});

async function main(words) {
  const usual = (await findJava()).line.name;
  const other = usual === '2026' ? '5.26' : '2026';
  const { [usual]: usualHome, [other]: home } = await homesByLine();
  if (home === undefined) {
    process.stderr.write(
      `The tests run on Neo4j ${usual} here, and no Java that Weftline would run Neo4j ${other} with was found by JAVA_HOME, on the PATH, ` +
        `or in ${FOLDERS.filter(existsSync).join(', ')}. Install ${INSTALL[other]}, and run this again.\n`,
    );
    return NONE_THERE;
  }
  process.stderr.write(`Neo4j ${other}, with the Java of ${home}.\n`);
  if (words.includes('--find')) return 0;
  const [older, newer] = other === '2026' ? [usualHome, home] : [home, usualHome];
  return runTests(words, { JAVA_HOME: home, WEFTLINE_TEST_OLDER_JAVA: older, WEFTLINE_TEST_NEWER_JAVA: newer });
}

/** For each line the first Java that Weftline would run it with. */
async function homesByLine() {
  const found = {};
  for (const home of candidates()) {
    const line = await findJava({ ...process.env, JAVA_HOME: home }).then(
      (java) => java.line.name,
      () => null, // no Java, or one that is too old
    );
    if (line !== null) found[line] ??= home;
  }
  return found;
}

function candidates() {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => existsSync(join(folder, 'java')));
  const installed = FOLDERS.filter(existsSync).flatMap((folder) =>
    readdirSync(folder).flatMap((name) => [join(folder, name), join(folder, name, 'Contents/Home')]),
  );
  const ofPath = onPath.map((folder) => dirname(dirname(realpathSync(join(folder, 'java')))));
  const named = process.env.JAVA_HOME ? [process.env.JAVA_HOME] : [];
  return [...named, ...ofPath, ...installed].filter((home) => existsSync(join(home, 'bin/java')));
}

function runTests(words, surroundings) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--config', 'vitest.neo4j.config.ts', ...words];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...surroundings },
  });
  // Vitest stops its database on a signal; this only waits for that.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
