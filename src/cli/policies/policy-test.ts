import { join } from 'node:path';
import { readPolicyTests, runPolicyTest } from '../../governance/policies/policy-tests.js';
import { SetupError } from '../../neo4j/setup-error.js';
import type { Command } from '../calling/command.js';
import { EMPTY, exitOf, POLICY_EXITS, policyCall, policyFolder, reported, within } from './policy-command.js';
import type { Report, ReportResult } from '../reports/result.js';

/** `npx weft policy test`: whether policies decide as their tests say. */
export const policyTest: Command = {
  usage: `npx weft policy test FOLDER [--output FORM]

Decides the requests in tests/*.yaml of a folder by its policies, and compares with what the tests expect. Needs no server.

${POLICY_EXITS}`,

  async run(args) {
    const { paths, output } = policyCall(args, ['The folder']);
    const [folder = ''] = paths;
    return reported({ command: 'policy test', output, onFaults: 1 }, async () => {
      const report = await tested(folder);
      return { report, exit: exitOf(report.results.every(({ status }) => status === 'pass')) };
    });
  },
};

async function tested(folder: string): Promise<Report> {
  const { texts, set } = await policyFolder(folder);
  const all = within(folder, () => readPolicyTests(texts.tests, set)).map((test) => runPolicyTest(set, test));
  if (all.length === 0)
    throw new SetupError(
      `${join(folder, 'tests')} has no test, so nothing was tried. Write one as docs/policies.md says.`,
    );
  const results = all.map(({ test, failures }): ReportResult => ({
    ...{
      rule: test.file,
      name: test.name,
      status: failures.length === 0 ? 'pass' : 'fail',
      message: failures.join(' '),
    },
    place: { file: join(folder, test.file), line: test.line, column: null },
  }));
  const failed = results.filter(({ status }) => status === 'fail').length;
  const json = {
    ...{ digest: set.digest, tests: all.length, failed },
    results: all.map(({ test, verdict, failures }) => ({
      file: test.file,
      line: test.line,
      name: test.name,
      failures,
      verdict,
    })),
  };
  const summary = [...(set.policies.length === 0 ? [EMPTY] : []), `${all.length} tests, ${failed} failed.`];
  return { command: 'policy test', results, rules: new Map(), summary, json };
}
