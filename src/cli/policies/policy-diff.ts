import { join } from 'node:path';
import { decide } from '../../governance/policies/decide.js';
import type { Policy, Verdict } from '../../governance/policies/engine.js';
import type { PolicySet } from '../../governance/policies/policy-set.js';
import { type PolicyTest, readPolicyTests } from '../../governance/policies/policy-tests.js';
import { type Command, EXIT } from '../calling/command.js';
import { POLICY_EXITS, policyCall, policyFolder, reported, within } from './policy-command.js';
import type { Report, ReportResult } from '../reports/result.js';

/** `npx weft policy diff`: what differs between two folders of policies, and what would be decided otherwise. */
export const policyDiff: Command = {
  usage: `npx weft policy diff BEFORE AFTER [--output FORM]

Says which policies were added, removed and changed from one folder to the other, and for which tests of either the verdict is
another one. Needs no server. That something differs is no failure: it exits with 0.

${POLICY_EXITS}`,

  async run(args) {
    const { paths, output } = policyCall(args, ['The folder before', 'The folder after']);
    const [before = '', after = ''] = paths;
    return reported({ command: 'policy diff', output, onFaults: 1 }, async () => ({
      report: await compared(before, after),
      exit: EXIT.DONE,
    }));
  },
};

async function compared(before: string, after: string): Promise<Report> {
  const [old, now] = [await sideOf(before), await sideOf(after)];
  const policies = policyChanges(old.set, now.set);
  const tried = new Map(
    [...old.tests, ...now.tests].map(({ folder, test }) => [JSON.stringify(test), { folder, test }]),
  );
  const verdicts = [...tried.values()].flatMap(({ folder, test }) => {
    const [was, is] = [decide(old.set, test.request), decide(now.set, test.request)];
    const changes = verdictChanges(was, is);
    return changes.length === 0
      ? []
      : [
          {
            file: join(folder, test.file),
            line: test.line,
            name: test.name,
            was: was.outcome,
            is: is.outcome,
            changes,
          },
        ];
  });
  const results = [
    ...policies.map(({ id, change, policy }): ReportResult => ({
      ...{ rule: id, name: `${change} ${id}`, status: 'note', message: policy.reason },
      place: { file: join(change === 'removed' ? before : after, policy.file), line: policy.line, column: 1 },
    })),
    ...verdicts.map(({ file, line, name, changes }): ReportResult => ({
      ...{
        rule: 'verdict-changes',
        name,
        status: 'warn',
        message: changes.join(', '),
        place: { file, line, column: null },
      },
    })),
  ];
  const of = (wanted: string) => policies.filter(({ change }) => change === wanted).length;
  const json = {
    before: old.set.digest,
    after: now.set.digest,
    policies: policies.map(({ id, change }) => ({ id, change })),
    verdicts,
  };
  return {
    ...{
      command: 'policy diff',
      results,
      json,
      rules: new Map([['verdict-changes', 'A test is decided otherwise than before.']]),
    },
    summary: [
      `${of('added')} added, ${of('removed')} removed, ${of('changed')} changed; ${verdicts.length} of ${tried.size} tests are decided otherwise.`,
    ],
  };
}

async function sideOf(folder: string): Promise<{ set: PolicySet; tests: { folder: string; test: PolicyTest }[] }> {
  const { texts, set } = await policyFolder(folder);
  return { set, tests: within(folder, () => readPolicyTests(texts.tests, set)).map((test) => ({ folder, test })) };
}

function policyChanges(before: PolicySet, after: PolicySet) {
  const [old, now] = [byId(before), byId(after)];
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((id) => {
    const [was, is] = [old.get(id), now.get(id)];
    const policy = is ?? was;
    if (!policy || was?.text === is?.text) return [];
    return [{ id, policy, change: !was ? 'added' : !is ? 'removed' : 'changed' }];
  });
}

const byId = ({ policies }: PolicySet): Map<string, Policy> => new Map(policies.map((policy) => [policy.id, policy]));

/** As `outcome PERMIT → FORBID`, `residency PASS → FAIL`. */
function verdictChanges(was: Verdict, is: Verdict): string[] {
  const [old, now] = [saidBy(was), saidBy(is)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((id) => old.get(id) !== now.get(id))
    .map((id) => `${id} ${old.get(id) ?? 'nothing'} → ${now.get(id) ?? 'nothing'}`);
}

const saidBy = ({ outcome, policies }: Verdict): Map<string, string> =>
  new Map([['outcome', outcome], ...policies.map(({ id, verdict }): [string, string] => [id, verdict])]);
