import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { parseMigrationFile, readMigrationFiles } from '../../src/neo4j/migrations/migration-file.js';

describe('a migration file', () => {
  it('has the checksum that neo4j-migrations computes', () => {
    // Accepted by `neo4j-migrations validate` 2.17.3: carriage returns, letters beyond ASCII, semicolons within lines,
    // and a comment that ends with one.
    const text = [
      '// Umlaute äöü and a semicolon; inside a line; and one at its end;\r\n// second comment line\r\n',
      'MERGE (a:Proof {name: "x;y"})\r\nSET a.n = 1;\r\n\r\n;\r\nMERGE (b:Proof {name: "€"});',
    ].join('');
    const file = parseMigrationFile('V003__tricky_file.cypher', text);
    expect(file).toMatchObject({ version: '003', description: 'tricky file', checksum: '1377162476' });
  });

  it('is cut where a semicolon ends a line, and what is only comment is not run', () => {
    const text = '// why;\n// more;\n// of the first\nCREATE (:A {b: ";"})\n  ;\n\nCREATE (:B);   \nRETURN 1;\n// end';
    expect(parseMigrationFile('V1__x.cypher', text).statements).toEqual([
      '// of the first\nCREATE (:A {b: ";"})',
      'CREATE (:B);   \nRETURN 1',
    ]);
  });

  it.each(['V1_x.cypher', 'R1__x.cypher', 'V1.1__x.cypher', 'V1__x-y.cypher', '1__x.cypher'])(
    'is refused under the name %s',
    (name) => {
      expect(() => parseMigrationFile(name, 'RETURN 1;')).toThrow(`${name} is not named like a migration`);
    },
  );

  it.each([
    ['because the', '// This is so because the graph is.\nRETURN 1;'],
    ['USE other', 'USE other;\nRETURN 1;'],
    ['// assume that', '// assume that edition is enterprise\nRETURN 1;'],
  ])('is refused when neo4j-migrations would read a command of its own in "%s"', (_words, text) => {
    expect(() => parseMigrationFile('V1__x.cypher', text)).toThrow(/^V1__x\.cypher contains "/);
  });
});

describe('a folder of migrations', () => {
  it('is read in order of version, whatever else lies in it', () => {
    const folder = folderOf('V2__b.cypher', 'V10__j.cypher', 'V1__a.cypher', 'README.md', ...between(3, 9));
    expect(readMigrationFiles(folder).map((file) => Number(file.version))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('is refused when two files have one version', () => {
    const folder = folderOf('V1__a.cypher', 'V001__b.cypher');
    expect(() => readMigrationFiles(folder)).toThrow('have the same version');
  });

  it('is refused when a version is left out', () => {
    expect(() => readMigrationFiles(folderOf('V1__a.cypher', 'V3__c.cypher'))).toThrow(
      'V3__c.cypher should be version 2',
    );
    expect(() => readMigrationFiles(folderOf('V2__b.cypher'))).toThrow('V2__b.cypher should be version 1');
  });
});

function between(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `V${first + index}__x.cypher`);
}

function folderOf(...names: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'weftline-migrations-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of names) writeFileSync(join(folder, name), 'RETURN 1;');
  return folder;
}
