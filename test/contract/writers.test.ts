import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../../src');
/** A call of Node's that writes to a disk, or may, by its name. Who writes by `disk/whole-file.ts` or `json-file.ts` needs no line. */
const WRITES =
  /(?<![.\w])(?:writeFile|appendFile|createWriteStream|open|write|mkdir|makeFolder|mkdtemp|rename|link|symlink|copyFile|cp|truncate)(?:Sync)?\(/;
const IMPORTS = /from '(?:node:fs(?:\/promises)?|.*\/make-folder\.js)'/;

/** Who writes, and what holds how it meets a disk that fails. What has no line here writes nothing. */
const WRITERS: Readonly<Record<string, readonly string[]>> = {
  'Each step fails in each way: test/unit/disk-faults.test.ts': [
    'audit/checkpoints/checkpoint-files.ts',
    'disk/make-folder.ts',
    'disk/watched-folder.ts',
    'disk/whole-file.ts',
    'installation.ts',
    'neo4j/embedded/home.ts',
    'launchers/files/json-file.ts',
    'launchers/run-folder/run-order.ts',
    'launchers/logs/log-writer.ts',
  ],
  'It waits by onceThereIsRoom, or is kept from beginning by a watched folder: test/api/full-disk.test.ts, test/unit/launchers/local-room.test.ts':
    [
      'launchers/engine/engine-launcher.ts',
      'launchers/local/queue.ts',
      'launchers/supervisor.ts',
      'launchers/files/plain-file.ts',
    ],
  'Each of its steps waits for the machine: test/unit/launchers/machine-faults.test.ts, test/unit/launchers/too-many-files.test.ts':
    ['launchers/runner/run-ownership.ts'],
  'A command, a start or a stop, which ends with the reason: withFile, or the message of the system': [
    'demo/dbt-program.ts',
    'demo/main.ts',
    'demo/preparation.ts',
    'importers/files/duck.ts',
    'neo4j/embedded/archive.ts',
    'neo4j/embedded/jars.ts',
    'neo4j/embedded/process.ts',
    'launchers/machine/job-user.ts',
  ],
  'It opens to read, and waits for the machine: test/unit/launchers/machine-faults.test.ts': [
    'launchers/runner/output-collector.ts',
  ],
  'It opens to read, and tells what the machine does: test/unit/content.test.ts': ['disk/content/file-content.ts'],
  'What it cannot keep it does without: test/unit/launchers/known-contents.test.ts': [
    'launchers/runner/known-contents.ts',
  ],
};

it('whoever writes to a disk stands in the table of disk faults', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const writing = files.filter((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    return IMPORTS.test(text) && WRITES.test(text);
  });
  expect(writing.sort()).toEqual(Object.values(WRITERS).flat().sort());
});

it('folders are made by disk/make-folder.ts alone, for Node looks for ever below /proc', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const making = files.filter((file) => /(?<![.\w])mkdir(?:Sync)?\(/.test(readFileSync(join(SRC, file), 'utf8')));
  expect(making).toEqual(['disk/make-folder.ts']);
});

it('what is there is asked by disk/presence.ts alone: existsSync takes a disk that fails for "nothing is there"', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const asking = files.filter((file) => /import [^;]*\bexistsSync\b/.test(readFileSync(join(SRC, file), 'utf8')));
  expect(asking).toEqual([]);
});
