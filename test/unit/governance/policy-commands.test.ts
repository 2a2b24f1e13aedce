import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AjvDraft04 from 'ajv-draft-04';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, WeftCommand } from '../../support/weft-command.js';

const SHIPPED = join(import.meta.dirname, '../../../policies');
const SARIF = join(import.meta.dirname, '../../support/schemas/sarif-2.1.0-rtm.5.json');
/** As vitest's own, which say that they are of any kind. */
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const containing = (text: string): unknown => expect.stringContaining(text);
const holding = (parts: readonly unknown[]): unknown => expect.arrayContaining([...parts]);

const PERMIT = '@id("all") @reason("Permitted <by> \\"all\\" & \'each\'.")\npermit (principal, action, resource);\n';
const FORBID =
  '@id("region")\n@reason("Run it in the EU.")\nforbid (principal, action, resource)\nwhen { context.region != "EU" };\n';

let weft: WeftCommand;
let scratch: string;
let isValidSarif: (value: unknown) => boolean;
let sarifErrors: () => unknown;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'weftline-policies-'));
  weft = await WeftCommand.build();
  const ajv = new AjvDraft04.default({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false });
  const validate = ajv.compile(JSON.parse(readFileSync(SARIF, 'utf8')) as object);
  isValidSarif = (value) => validate(value);
  sarifErrors = () => validate.errors;
});
afterAll(() => {
  weft.remove();
  rmSync(scratch, { recursive: true, force: true });
});

const policy = (...args: string[]): Promise<Outcome> => weft.run(['policy', ...args]);

/** A folder with these files, by their names. */
function folder(files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(scratch, 'set-'));
  mkdirSync(join(made, 'tests'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text);
  return made;
}

const test = (outcome: string, region = 'EU') =>
  `tests:\n  - name: 'runs in <${region}> & "there"'\n    action: export\n    facts: { region: ${region} }\n    expect: { outcome: ${outcome} }\n`;

describe('npx weft policy', () => {
  it('validates and tests what is shipped', async () => {
    expect(await policy('validate', SHIPPED)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: matching(/\d+ policies and \d+ tests, all of them can be used/),
    });
    expect(await policy('test', SHIPPED)).toMatchObject({
      code: 0,
      stdout: matching(/\n\d{3} tests, 0 failed\.\n$/),
    });
  });

  it('tests what the demo decides by', async () => {
    const folder = join(import.meta.dirname, '../../../examples/penguins/policies');
    expect(await policy('validate', folder)).toMatchObject({ code: 0, stderr: '' });
    expect(await policy('test', folder)).toMatchObject({ code: 0, stdout: matching(/\n9 tests, 0 failed\.\n$/) });
  });

  it('takes who asks, and what it is about, from the base of a test where the test says none', async () => {
    const own = 'forbid (principal == Actor::"ada", action, resource == Asset::"data");\n';
    const made = folder({
      'a.cedar': `${PERMIT}@id("own") @reason("Not hers.")\n${own}`,
      'tests/a.request.yaml': 'action: export\nprincipal: ada\nresource: data\n',
      'tests/a.yaml': `base: a.request.yaml
tests:
  - name: as the base says
    expect: { outcome: FORBID, policies: { own: FAIL } }
  - name: for somebody else
    principal: grace
    expect: { outcome: PERMIT }
`,
    });
    expect(await policy('test', made)).toMatchObject({ code: 0, stdout: matching(/\n2 tests, 0 failed\.\n$/) });
  });

  it('exits with 3 for a test that fails, and says what was expected', async () => {
    const made = folder({ 'a.cedar': PERMIT + FORBID, 'tests/a.yaml': test('PERMIT', 'US') });
    const { code, stdout } = await policy('test', made);
    expect(code).toBe(3);
    expect(stdout).toContain('FAIL');
    expect(stdout).toContain('The outcome is to be PERMIT and is FORBID. region: Run it in the EU.');
    expect(stdout).toContain(`${join(made, 'tests/a.yaml')}:2`);
  });

  it('names a typo with file, line and column: 3 where it was asked for faults, 1 where something else was to be done', async () => {
    const made = folder({
      'a.cedar': PERMIT + FORBID.replace('context.region', 'context.regoin'),
      'tests/a.yaml': test('PERMIT'),
    });
    const said = `${join(made, 'a.cedar')}:6:8  attribute \`regoin\` is not among the facts; did you mean \`region\`?`;
    for (const [command, exit] of [
      ['validate', 3],
      ['test', 1],
    ] as const) {
      const { code, stdout } = await policy(command, made);
      expect(code).toBe(exit);
      expect(stdout).toContain(said);
    }
  });

  it('says that an empty folder denies everything', async () => {
    const empty = folder({});
    expect(await policy('validate', empty)).toMatchObject({
      code: 0,
      stdout: 'There is no policy in this folder: everything is denied.\n',
    });
    const request = join(empty, 'request.json');
    writeFileSync(request, JSON.stringify({ action: 'export', facts: {} }));
    expect(await policy('explain', empty, request)).toMatchObject({
      code: 3,
      stdout: matching(/has no policy[^]*FORBID\n$/),
    });
    expect(await policy('test', empty)).toMatchObject({ code: 1, stderr: containing('has no test') });
  });

  it.each([
    ['tests:\n  - name: x\n    action: exprot\n    expect: { outcome: PERMIT }\n', ':3:13  tests.0.action'],
    [
      'tests:\n  - name: x\n    action: export\n    facts: { regoin: EU }\n    expect: { outcome: PERMIT }\n',
      ':4:22  There is no fact regoin.',
    ],
    [
      'tests:\n  - name: x\n    action: export\n    facts: { region: 7 }\n    expect: { outcome: PERMIT }\n',
      'The fact region is 7',
    ],
    ['tests:\n  - name: x\n    expect: { outcome: PERMIT }\n', 'has no action'],
    ['base: ../../secret.request.yaml\ntests: []\n', 'is to be the name of a file beside this one'],
    ['base: other.request.yaml\ntests: []\n', 'there is no file tests/other.request.yaml'],
    ['tests: [\n', ':2:1  '],
  ])('says what is wrong with tests: %j', async (text, said) => {
    const { code, stdout } = await policy('validate', folder({ 'a.cedar': PERMIT, 'tests/a.yaml': text }));
    expect(code).toBe(3);
    expect(stdout).toContain(said);
  });

  it('explains which policies decided, and why', async () => {
    const made = folder({
      'a.cedar': PERMIT + FORBID,
      'us.yaml': 'action: export\nfacts: { region: US }\n',
      'eu.yaml': 'action: export\nfacts: { region: EU }\n',
      'none.yaml': 'action: export\n',
    });
    const us = await policy('explain', made, join(made, 'us.yaml'));
    expect(us).toMatchObject({
      code: 3,
      stdout: matching(/^FAIL {2}FAIL region .*a\.cedar:3:1 .*Run it in the EU\.\n[^]*FORBID\n$/),
    });
    expect(await policy('explain', made, join(made, 'eu.yaml'))).toMatchObject({
      code: 0,
      stdout: matching(/PERMIT\n$/),
    });
    expect((await policy('explain', made, join(made, 'none.yaml'))).stdout).toContain('nobody knows region');
    const { stdout } = await policy('explain', made, join(made, 'us.yaml'), '--output', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'FORBID',
      digest: matching(/^[0-9a-f]{64}$/),
      policies: [
        { id: 'region', verdict: 'FAIL' },
        { id: 'all', verdict: 'PASS' },
      ],
    });
  });

  it('says which policies differ, and what is decided otherwise', async () => {
    const before = folder({ 'a.cedar': PERMIT + FORBID, 'tests/a.yaml': test('PERMIT') });
    const after = folder({
      'a.cedar':
        PERMIT.replace('Permitted', 'Let through') + FORBID.replaceAll('"region"', '"place"').replace('"EU"', '"CH"'),
      'tests/a.yaml': test('FORBID'),
    });
    const { code, stdout } = await policy('diff', before, after, '--output', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      policies: [
        { id: 'all', change: 'changed' },
        { id: 'place', change: 'added' },
        { id: 'region', change: 'removed' },
      ],
      verdicts: [
        {
          was: 'PERMIT',
          is: 'FORBID',
          changes: ['outcome PERMIT → FORBID', 'region PASS → nothing', 'place nothing → FAIL'],
        },
        { was: 'PERMIT', is: 'FORBID' },
      ],
    });
    expect((await policy('diff', before, after)).stdout).toMatch(
      /1 added, 1 removed, 1 changed; 2 of 2 tests are decided otherwise\.\n$/,
    );
    expect((await policy('diff', SHIPPED, SHIPPED)).stdout).toMatch(/^0 added, 0 removed, 0 changed; 0 of \d+ tests/);
  });

  it('writes SARIF that its schema takes, with rules, places and levels', async () => {
    const made = folder({
      'a.cedar': PERMIT + FORBID,
      'tests/a.yaml': test('PERMIT', 'US'),
      'us.yaml': 'action: export\nfacts: { region: US }\n',
    });
    const typo = folder({ 'a.cedar': 'permit (principal' });
    const calls = [
      ['test', made],
      ['validate', made],
      ['explain', made, join(made, 'us.yaml')],
      ['diff', made, SHIPPED],
      ['validate', typo],
    ];
    for (const call of calls) {
      const log = JSON.parse((await policy(...call, '--output', 'sarif')).stdout) as object;
      expect(isValidSarif(log), JSON.stringify(sarifErrors())).toBe(true);
      expect(log).toMatchObject({
        version: '2.1.0',
        runs: [{ results: holding([expect.objectContaining({ ruleId: matching(/./) })]) }],
      });
    }
    expect(isValidSarif({ version: '2.1.0', runs: [{}] })).toBe(false);
    const { stdout } = await policy('validate', typo, '--output', 'sarif');
    expect(JSON.parse(stdout)).toMatchObject({
      runs: [
        {
          results: [
            { level: 'error', locations: [{ physicalLocation: { region: { startLine: 1, startColumn: 18 } } }] },
          ],
        },
      ],
    });
  });

  it('writes JUnit with the tests, escaped', async () => {
    const made = folder({ 'a.cedar': PERMIT + FORBID, 'tests/a.yaml': test('PERMIT', 'US') });
    const { code, stdout } = await policy('test', made, '--output', 'junit');
    expect(code).toBe(3);
    expect(stdout).toContain('<testsuites name="weft policy test" tests="1" failures="1" errors="0">');
    expect(stdout).toContain('<testcase name="runs in &lt;US&gt; &amp; &quot;there&quot;" classname="tests/a.yaml"');
    expect(stdout).toContain('<failure message="The outcome is to be PERMIT and is FORBID.');
  });

  it.each([
    [['test'], 'The folder is missing.'],
    [['explain', SHIPPED], 'The file with the request is missing.'],
    [['diff', SHIPPED], 'The folder after is missing.'],
    [['test', SHIPPED, 'more'], 'more is one argument too many.'],
    [['test', '/there/is/none'], '/there/is/none: there is no such file or folder.'],
    [['test', SHIPPED, '--output', 'pdf'], '--output is "pdf"; there are table, json, junit, sarif.'],
    [['test', SHIPPED, '--quick'], "Unknown option '--quick'"],
  ])('exits with 2 when it is called wrongly: %j', async (args, said) => {
    expect(await policy(...args)).toMatchObject({ code: 2, stdout: '', stderr: containing(said) });
  });

  it('tells its exit codes, each of which is documented', async () => {
    const docs = readFileSync(join(SHIPPED, '../docs/policies.md'), 'utf8');
    for (const command of ['test', 'validate', 'explain', 'diff']) {
      const { code, stdout } = await policy(command, '--help');
      expect(code).toBe(0);
      expect(stdout).toContain('Exit code: 0 all is well, 1 it could not be done, 2 wrong usage, 3 a policy says no.');
      expect(docs).toContain(`npx weft policy ${command} `);
    }
  });

  it('goes by a schema of the folder itself', async () => {
    const made = folder({ 'a.cedar': PERMIT + FORBID });
    cpSync(join(SHIPPED, 'schema.cedarschema'), join(made, 'schema.cedarschema'));
    expect((await policy('validate', made)).code).toBe(0);
    writeFileSync(join(made, 'schema.cedarschema'), 'entity Actor\n');
    const { code, stdout } = await policy('validate', made);
    expect(code).toBe(3);
    expect(stdout).toContain('schema.cedarschema:');
  });
});
