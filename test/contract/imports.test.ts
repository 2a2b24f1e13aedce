import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOMS, roomOf } from './rooms.js';

const SRC = join(import.meta.dirname, '../../src');

/** A folder that holds more is two. */
const MOST_FILES = 20;
const order = Object.keys(ROOMS);

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
const values = imports.filter((each) => !each.typeOnly);
const whereItBelongs = ({ from, to }: Import): string =>
  `src/${from} uses src/${to}, and ${roomOf(from)} lies below ${roomOf(to)}. Here belongs: ${ROOMS[roomOf(from)] ?? ''}; there: ` +
  `${ROOMS[roomOf(to)] ?? ''}. Move what is used down, or who uses it up.`;
const shown = (wrong: readonly Import[]): string[] => wrong.map((each) => `${each.from} imports ${each.to}`);

describe('the arrows between modules', () => {
  it('are found at all', () => {
    expect(imports.length).toBeGreaterThan(300);
  });

  it('run one way between rooms', () => {
    const wrong = values.filter(
      ({ from, to }) => to.endsWith('.ts') && order.indexOf(roomOf(to)) > order.indexOf(roomOf(from)),
    );
    expect(wrong.map(whereItBelongs)).toEqual([]);
  });

  it('lead from rooms that are known, none of them a hall', () => {
    const sizes = new Map<string, number>();
    for (const file of files) sizes.set(roomOf(file), (sizes.get(roomOf(file)) ?? 0) + 1);
    const unknown = [...sizes.keys()].filter((room) => !(room in ROOMS));
    expect(unknown.map((room) => `src/${room} is no room: give it a line in test/contract/rooms.ts.`)).toEqual([]);
    expect(order.filter((room) => !sizes.has(room))).toEqual([]);
    const halls = [...sizes].filter(([, size]) => size > MOST_FILES);
    expect(halls.map(([room, size]) => `src/${room} holds ${size} files: part it by question.`)).toEqual([]);
  });

  it('go from resolver to service to repository, no step skipped', () => {
    const layer = (file: string): string => /\.(\w+)\.ts$/.exec(file)?.[1] ?? '';
    const forbidden: Record<string, RegExp> = {
      resolver: /\.(repository|cypher|decode)\.ts$|^neo4j\//,
      service: /\.(cypher|resolver)\.ts$|^neo4j-driver$/,
      policy: /\.(cypher|resolver)\.ts$|^neo4j-driver$/,
      worker: /\.(cypher|resolver)\.ts$|^neo4j-driver$/,
      feed: /\.(cypher|resolver)\.ts$|^neo4j-driver$/,
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

  it('make no circle, of types neither', () => {
    const next = new Map(
      files.map((file) => [file, imports.filter((each) => each.from === file).map((each) => each.to)]),
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
