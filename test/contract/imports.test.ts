import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../../src');

/** Features from the bottom up: each may use those before it. A later feature adds fields to an earlier type from its own resolver. */
const FEATURES = [
  'disk',
  'neo4j',
  'auth',
  'graphql',
  'principals',
  'catalog',
  'audit',
  'access',
  'lineage',
  'deployment',
  'training',
  'http',
  'web',
  'cli',
  'demo',
];
/** Modules that belong to no feature and may be used by all. Writing the audit log lies beneath every change; reading it is a feature. */
const SHARED = new Set([
  ...['errors.ts', 'ids.ts', 'config.ts', 'metrics.ts', 'json-limits.ts', 'stored-json.ts', 'turn.ts'],
  ...['audit/record.ts', 'audit/log-entry.ts', 'audit/canonical-json.ts'],
]);
/** What puts the features together may use all of them. */
const COMPOSITION = new Set([
  ...[
    'wire.ts',
    'wire.principals.ts',
    'wire.audit.ts',
    'wire.access.ts',
    'wire.nodes.ts',
    'wire.questions.ts',
    'wire.quotas.ts',
    'wire.releases.ts',
    'wire.reproduction.ts',
  ],
  ...['server.ts', 'start.ts', 'main.ts', 'installation.ts', 'everyday.statements.ts', 'log.ts'],
]);

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(SRC, from), 'utf8');
  return [...text.matchAll(/^(?:import|export)\s+(type\s+)?([^;]*?)from '([^']+)';/gms)].map(
    ([, type, names = '', target = '']) => ({
      from,
      to: target.startsWith('.') ? normalize(join(dirname(from), target)).replace(/\.js$/, '.ts') : target,
      typeOnly: type !== undefined || /^\{\s*(type [^,}]+,?\s*)+\}\s*$/.test(names.trim()),
    }),
  );
});
const feature = (file: string): string => file.split('/')[0] ?? '';
const values = imports.filter((each) => !each.typeOnly);
const shown = (wrong: readonly Import[]): string[] => wrong.map((each) => `${each.from} imports ${each.to}`);

describe('the arrows between modules', () => {
  it('are found at all', () => {
    expect(imports.length).toBeGreaterThan(300);
  });

  it('run one way between features', () => {
    const wrong = values.filter(({ from, to }) => {
      if (
        !to.endsWith('.ts') ||
        COMPOSITION.has(from) ||
        SHARED.has(to) ||
        feature(from) === 'cli' ||
        feature(from) === 'demo'
      )
        return false;
      if (COMPOSITION.has(to)) return true;
      if (SHARED.has(from)) return FEATURES.includes(feature(to));
      return FEATURES.indexOf(feature(to)) > FEATURES.indexOf(feature(from));
    });
    expect(shown(wrong)).toEqual([]);
  });

  it('go from resolver to service to repository, no step skipped', () => {
    const layer = (file: string): string => /\.(\w+)\.ts$/.exec(file)?.[1] ?? '';
    const forbidden: Record<string, RegExp> = {
      resolver: /\.(repository|cypher|decode)\.ts$|^neo4j\//,
      service: /\.(cypher|resolver)\.ts$|^neo4j-driver$/,
      repository: /\.(resolver|service)\.ts$/,
      cypher: /\.(resolver|service|repository)\.ts$/,
    };
    const wrong = values.filter(
      ({ from, to }) => forbidden[layer(from)]?.test(to) && from !== 'graphql/node.resolver.ts',
    );
    expect(shown(wrong)).toEqual([]);
  });

  it('reach the driver only through neo4j/, and type-graphql only from what the schema is made of', () => {
    const driver = imports.filter(({ from, to }) => to === 'neo4j-driver' && !/^(neo4j|cli)\/|^start\.ts$/.test(from));
    const schema = values.filter(
      ({ from, to }) => to === 'type-graphql' && !/\.(type|input|payload|resolver|enums)\.ts$|^graphql\//.test(from),
    );
    expect(shown([...driver, ...schema])).toEqual([]);
  });

  it('reach graphql-shield only through its adapter', () => {
    const wrong = imports.filter(
      ({ from, to }) => /^graphql-(shield|middleware)$/.test(to) && from !== 'auth/shield.ts',
    );
    expect(shown(wrong)).toEqual([]);
  });

  it('make no circle', () => {
    const next = new Map(
      files.map((file) => [file, values.filter((each) => each.from === file).map((each) => each.to)]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
      if (done.has(file) || way.includes(file)) return;
      for (const to of next.get(file) ?? []) visit(to, [...way, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('name what they bring: no default export, no barrel', () => {
    const wrong = files.filter(
      (file) =>
        /^export default|^export \* from/m.test(readFileSync(join(SRC, file), 'utf8')) || file.endsWith('index.ts'),
    );
    expect(wrong).toEqual([]);
  });
});
