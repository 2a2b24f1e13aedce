import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/audit/record/canonical-json.js';
import {
  attach,
  brokenAttachments,
  canonicalBody,
  detach,
  type Detached,
  erasedValues,
  type LogBody,
} from '../../../src/audit/record/log-entry.js';

const BODY: LogBody = {
  v: 1,
  id: '01a20b38-f4ad-76a4-afc9-a4b679199345',
  at: '2026-11-25T02:00:00.000Z',
  actor: '01a20b38-0000-7000-8000-000000000001',
  actorName: 'Noor Ünal',
  action: 'user:create',
  outcome: 'DONE',
  target: '01a20b38-0000-7000-8000-000000000002',
  targetName: 'sam',
  assets: [],
  requestId: 'r-1',
  operation: 'createUser',
  before: null,
  after: { handle: 'sam', 'a/b~c': ['x', { name: 'Sam' }], age: 41 },
  reason: null,
};
const POINTERS = ['/actorName', '/targetName', '/after/handle', '/after/a~1b~0c/1/name', '/after/age'];

describe('the body of an entry', () => {
  it('is written in the one way of RFC 8785, whatever order its members had', () => {
    const reversed = Object.fromEntries(Object.entries(BODY).reverse()) as unknown as LogBody;
    expect(canonicalBody(reversed)).toBe(canonicalBody(BODY));
    expect(canonicalBody(BODY)).toMatch(
      /^\{"action":"user:create","actor":.*"actorName":"Noor Ünal","after":\{"a\/b~c"/,
    );
  });

  it('is written as the example of RFC 8785 has it', () => {
    const example = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(example)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('is refused where it is no JSON', () => {
    for (const value of [undefined, Number.NaN, Infinity, 'half \ud800', { deep: ['\udfff'] }])
      expect(() => canonicalJson(value)).toThrow();
    expect(canonicalJson('\\ud800 in letters, and 😀 whole')).toBe('"\\\\ud800 in letters, and 😀 whole"');
  });
});

describe('what is personal in an entry', () => {
  it('is replaced by a salted hash, and comes back to the letter', () => {
    const { body, detached } = detach(BODY, POINTERS);
    expect(Object.keys(detached).sort()).toEqual([...POINTERS].sort());
    for (const word of ['Noor', '"sam"', 'Sam', ':41,']) expect(canonicalBody(body)).not.toContain(word);
    expect(attach(body, detached)).toEqual(BODY);
    expect(brokenAttachments(body, detached)).toEqual([]);
    expect(erasedValues(body, detached)).toEqual([]);
  });

  it('hashes as the document says: the salt, then the value as JSON', () => {
    const { body, detached } = detach(BODY, ['/actorName']);
    const { salt = '' } = detached['/actorName'] ?? {};
    const bytes = Buffer.from(salt, 'base64url');
    expect(bytes).toHaveLength(16);
    const sha256 = createHash('sha256').update(bytes).update('"Noor Ünal"').digest('hex');
    expect(body.actorName).toEqual({ sha256 });
  });

  it('has another hash each time, so that equal names cannot be told to be equal', () => {
    expect(detach(BODY, ['/actorName']).body).not.toEqual(detach(BODY, ['/actorName']).body);
  });

  it('passes over what is not there or null, and leaves the original alone', () => {
    const before = structuredClone(BODY);
    const { body, detached } = detach(BODY, [
      ...['/reason', '/before/handle', '/nothing', '', 'actorName', '/assets/length', '/assets/0'],
      ...['/constructor', '/__proto__', '/after/handle/0'],
    ]);
    expect(detached).toEqual({});
    expect(body).toEqual(BODY);
    detach(BODY, POINTERS);
    expect(BODY).toEqual(before);
  });

  it('takes the outer of two pointers, in whatever order', () => {
    const { body, detached } = detach(BODY, ['/after/handle', '/after', '/after']);
    expect(Object.keys(detached)).toEqual(['/after']);
    expect(attach(body, detached)).toEqual(BODY);
  });

  it('leaves the hash where a value was erased, and the leaf as it was', () => {
    const { body, detached } = detach(BODY, POINTERS);
    const { '/actorName': _erased, ...left } = detached;
    expect(attach(body, left)).toEqual({ ...BODY, actorName: body.actorName });
    expect(brokenAttachments(body, left)).toEqual([]);
    expect(erasedValues(body, left)).toEqual(['/actorName']);
  });

  it('is told, and not shown, when the value is not what was logged', () => {
    const { body, detached } = detach(BODY, POINTERS);
    const handle = detached['/after/handle'];
    const age = detached['/after/age'];
    if (!handle || !age) throw new Error('Nothing was detached.');
    const forged: Detached = {
      ...detached,
      '/after/handle': { ...handle, value: 'eve' },
      // The hash is over salt and value joined: a digit must not pass from one to the other.
      '/after/age': {
        salt: Buffer.concat([Buffer.from(age.salt, 'base64url'), Buffer.from('4')]).toString('base64url'),
        value: 1,
      },
      '/action': { salt: handle.salt, value: 'user:delete' },
      '/nowhere': handle,
    };
    expect(brokenAttachments(body, forged).sort()).toEqual(['/action', '/after/age', '/after/handle', '/nowhere']);
    expect(attach(body, forged)).toMatchObject({ action: 'user:create', after: { handle: body.after?.['handle'] } });
  });

  it('is made well formed where it was not, so that an entry can always be written', () => {
    const { body } = detach({ ...BODY, operation: 'half \ud800' }, []);
    expect(body.operation).toBe('half \ufffd');
    expect(canonicalBody(body)).toContain('half \ufffd');
  });
});
