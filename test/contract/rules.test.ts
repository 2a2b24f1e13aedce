import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allow, compileShield, deny } from '../../src/auth/shield.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** What reviewers read in a diff: every field that is not open, and by which rule. WEFTLINE_UPDATE_MATRIX=1 writes it anew. */
const FILE = join(import.meta.dirname, 'permission-matrix.txt');

let server: TestWeftline;
beforeAll(async () => {
  server = await startTestWeftline();
});
afterAll(() => server.stop());

describe('the permission matrix', () => {
  it('is committed: Type.field and its rule, of all that is not open to whoever comes there', () => {
    const guarded = [...server.weftline.matrix].filter(([, rule]) => rule !== 'allow');
    const lines = guarded.map(([field, rule]) => `${field} ${rule}`).sort();
    const text = `${lines.join('\n')}\n`;
    if (process.env['WEFTLINE_UPDATE_MATRIX'] === '1') writeFileSync(FILE, text);
    expect(server.weftline.matrix.size).toBeGreaterThan(400);
    const advice =
      'Who may do what has changed. When that is meant, write the file with WEFTLINE_UPDATE_MATRIX=1 and commit it.';
    expect(readFileSync(FILE, 'utf8'), advice).toBe(text);
  });

  it('opens no root field to everyone', () => {
    const open = [...server.weftline.matrix].filter(
      ([field, rule]) => /^(Query|Mutation|Subscription)\./.test(field) && rule === 'allow',
    );
    expect(open).toEqual([]);
  });
});

describe('compiling rules', () => {
  const schema = (): ReturnType<typeof buildSchema> =>
    buildSchema(
      'interface Named { name: String } type Thing implements Named { name: String secret: String } type Query { thing: Thing other: Named }',
    );

  it('stops at root fields without a rule, and lists them', () => {
    expect(() => compileShield(schema(), { Query: { thing: allow } })).toThrow(/:\n {2}Query\.other: no rule$/);
  });

  it('leaves open what a root field leads to, unless it is named', () => {
    const { matrix } = compileShield(schema(), { Query: { '*': deny }, Thing: { secret: deny } });
    expect(Object.fromEntries(matrix)).toEqual({
      'Query.thing': 'deny',
      'Query.other': 'deny',
      'Thing.name': 'allow',
      'Thing.secret': 'deny',
    });
  });

  it('stops at rules that would have no effect: on an interface, an unknown type or field', () => {
    const tree = {
      Query: { '*': deny, gone: allow },
      Thing: { '*': allow },
      Named: { name: deny },
      Nothing: { '*': deny },
    };
    expect(() => compileShield(schema(), tree)).toThrow(
      /Query\.gone: no such field[^]*Named: rules on interfaces[^]*Nothing: no such type/,
    );
  });
});
