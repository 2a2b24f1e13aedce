import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readClearanceFile } from '../../../src/governance/clearance/clearance-file.js';
import { Clearances } from '../../../src/governance/clearance/clearances.js';
import type { Statements } from '../../../src/neo4j/statements.js';
import { Row } from '../../../src/neo4j/row.js';

const folder = mkdtempSync(join(tmpdir(), 'weftline-clearances-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const LEVELS = ['PUBLIC', 'INTERNAL', 'CONFIDENTIAL', 'RESTRICTED'];
let files = 0;

function fileOf(text: string): string {
  const path = join(folder, `${(files += 1)}.yaml`);
  writeFileSync(path, text);
  return path;
}

/** As the graph says of somebody; null: there is nobody. */
const standing = (row: { role: string | null; teamIds: string[] } | null): Statements => ({
  run: () => Promise.resolve(row ? [new Row(row)] : []),
});

describe('A file of clearances', () => {
  it.each([
    ['actors: { roles: { MEMBER: SECRET } }', 'actors.roles.MEMBER: must be one of PUBLIC, INTERNAL'],
    ['actors: { roles: { BOSS: PUBLIC } }', 'actors.roles'],
    ['environments: { Production: { region: EU } }', 'must be in small letters'],
    ['environments: { production: { region: "" } }', 'environments.production.region: must be of letters'],
    ['places: {}', 'places'],
    ['actors: [', 'line 1'],
    ['- 1', 'The file'],
  ])('is refused by name: %s', (text, why) => {
    expect(() => readClearanceFile(fileOf(text))).toThrow(why);
  });

  it('tells all that is wrong with it, and that it is not there', () => {
    const path = fileOf('launchers: { one: { clearance: A }, two: { clearance: B } }');
    expect(() => readClearanceFile(path)).toThrow(/launchers\.one\.clearance[^]*launchers\.two\.clearance/);
    expect(() => readClearanceFile(join(folder, 'none'))).toThrow('cannot be used');
  });
});

describe('Clearances', () => {
  const file = readClearanceFile(
    fileOf(`actors:
  default: PUBLIC
  roles: { ADMIN: INTERNAL }
  principals: { team-1: CONFIDENTIAL, ada: RESTRICTED }
launchers: { cluster: { region: EU, clearance: RESTRICTED }, bare: {} }
environments: { production: { region: CH } }
exports: { region: US, clearance: PUBLIC }`),
  );
  const clearances = new Clearances(file, LEVELS);
  const rankOf = async (row: { role: string; teamIds: string[] } | null, requesterId = 'grace') =>
    (await clearances.of(standing(row), { action: 'launchTraining', requesterId })).clearance.actorRank;

  it('of somebody are the highest of all that is said of them; of nobody there are none', async () => {
    expect(await rankOf({ role: 'MEMBER', teamIds: [] })).toBe(0);
    expect(await rankOf({ role: 'ADMIN', teamIds: [] })).toBe(1);
    expect(await rankOf({ role: 'ADMIN', teamIds: ['team-1', 'team-2'] })).toBe(2);
    expect(await rankOf({ role: 'MEMBER', teamIds: ['team-1'] }, 'ada')).toBe(3);
    expect(await rankOf(null)).toBeUndefined();
  });

  it.each([
    [
      { action: 'launchTraining', launcher: 'cluster' },
      { region: 'EU', enclaveRank: 3 },
    ],
    [{ action: 'launchTraining', launcher: 'bare' }, {}],
    [{ action: 'launchTraining', launcher: 'constructor' }, {}],
    [{ action: 'deployModel', environment: 'production' }, { region: 'CH' }],
    [{ action: 'deployModel', environment: 'elsewhere', launcher: 'cluster' }, {}],
    [{ action: 'export' }, { region: 'US', enclaveRank: 0 }],
    [{ action: 'retireAsset', environment: 'production' }, {}],
  ])('of the place of %j are %j', async (asked, told) => {
    const { region, clearance } = await clearances.of(standing(null), { requesterId: 'ada', ...asked });
    expect({
      ...(region === undefined ? {} : { region }),
      ...(clearance.enclaveRank === undefined ? {} : { enclaveRank: clearance.enclaveRank }),
    }).toEqual(told);
  });

  it('are unknown where nobody said anything', async () => {
    const none = new Clearances(null, LEVELS);
    expect(await none.of(standing(null), { action: 'export', requesterId: 'ada' })).toEqual({ clearance: {} });
  });
});
