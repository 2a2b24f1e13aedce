import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/**
 * Whatever is stored in the graph as JSON is read by src/json/stored.ts, so that one value that was damaged spoils no page. What
 * is parsed elsewhere is something else, and said here.
 */
const PARSES: Readonly<Record<string, string>> = {
  'json/stored.ts': 'the door itself',
  'json/limits.ts': 'what enters',
  'json/pieces.ts': 'what enters, when it is large',
  'http/asked.ts': 'what enters by the address',
  'graphql/page.ts': 'a cursor, refused as bad input',
  'graphql/sealed-cursor.ts': 'a cursor that only the servers can make',
  'audit/entries/asked.ts': 'a text it has just written',
  'audit/record/log-entry.ts': 'a body of the log: null when it is none',
  'audit/verification/export.service.ts': 'a body of the log: given as it is when it is none',
  'audit/verification/log-export.ts': 'a line of an exported log',
  'audit/verification/log-walk.repository.ts': 'a text that only the servers can sign',
  'neo4j/embedded/home.ts': 'a file of the embedded Neo4j',
  'openlineage/event/sent.ts': 'a body of events',
  'neo4j/embedded/file-lock.ts': 'a lock file',
  'launchers/files/json-file.ts': 'a file of a job',
  'launchers/run-folder/program-events.ts': 'a line a program wrote',
  'launchers/runner/input-look.ts': 'what a process of the runner found',
  'launchers/runner/output-manifest.ts': 'the manifest of a program',
  'launchers/ray/client.ts': 'an answer of Ray',
  'launchers/kubernetes/job.ts': 'an annotation of a Job',
  'launchers/kubernetes/refusal.ts': 'an answer of Kubernetes',
  'launchers/slurm/rest-client.ts': 'an answer of Slurm',
  'importers/dbt/read-artifacts.ts': 'a file that dbt wrote',
  'importers/mlflow/tracking-api.ts': 'an answer of MLflow',
  'importers/mlflow/dataset-names.ts': 'a source or a schema within an answer of MLflow',
  'importers/sending/lineage-door.ts': 'an answer of a server',
  'importers/sending/send-events.ts': 'a text it has just written',
  'web/browser-files.ts': 'a file of a package',
  'demo/people.ts': 'a file of the demo',
  'demo/preparation.ts': 'what a program of the demo printed',
  'demo/client.ts': 'an answer of the API',
};
const SOURCES = join(import.meta.dirname, '../../src');

/** Whether the text does anything with `JSON` but to write it. */
function parses(text: string): boolean {
  const source = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);
  const looks = (node: ts.Node): boolean => {
    if (ts.isIdentifier(node) && node.text === 'JSON' && !writes(node)) return true;
    return ts.forEachChild(node, looks) ?? false;
  };
  return looks(source);
}

function writes({ parent }: ts.Identifier): boolean {
  if (ts.isPropertyAccessExpression(parent))
    return (
      parent.name.text === 'stringify' ||
      parent.expression.kind !== ts.SyntaxKind.Identifier ||
      parent.name.text === 'JSON'
    );
  return ts.isPropertyAssignment(parent) || ts.isImportSpecifier(parent) || ts.isEnumMember(parent);
}

describe('JSON that is stored in the graph', () => {
  it('is parsed at one place', () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const found = files.filter((file) => parses(readFileSync(join(SOURCES, file), 'utf8')));
    expect(found.map((file) => file.replaceAll('\\', '/')).sort()).toEqual(Object.keys(PARSES).sort());
  });

  it.each([
    ["JSON.parse('1')", true],
    ["const { parse } = JSON; parse('1')", true],
    ["JSON['parse']('1')", true],
    ['texts.map(JSON.parse)', true],
    ['JSON.stringify(1)', false],
    ['// JSON.parse', false],
  ])('is looked for in %s', (text, found) => {
    expect(parses(text)).toBe(found);
  });
});
