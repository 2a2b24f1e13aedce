import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decide } from '../../governance/policies/decide.js';
import type { PolicyFinding, PolicyVerdict, Verdict } from '../../governance/policies/engine.js';
import type { PolicySet } from '../../governance/policies/policy-set.js';
import { readRequest } from '../../governance/policies/request-file.js';
import { type Command, UsageError, withFile } from '../calling/command.js';
import { exitOf, POLICY_EXITS, policyCall, policyFolder, reported } from './policy-command.js';
import type { Report, ReportResult, ReportStatus } from '../reports/result.js';

const MOST_BYTES = 1_048_576;

/** `npx weft policy explain`: which policies decide a request, and why. */
export const policyExplain: Command = {
  usage: `npx weft policy explain FOLDER REQUEST [--output FORM]

Decides the request of a file by the policies of a folder, and says which of them decided and why. The file is YAML or JSON:
action, principal, resource, facts, unknown; what is left out of the facts is unknown. Needs no server.

${POLICY_EXITS} FORBID and NEEDS_APPROVAL are 3, so that a script which goes on does so with PERMIT alone.`,

  async run(args) {
    const { paths, output } = policyCall(args, ['The folder', 'The file with the request']);
    const [folder = '', file = ''] = paths;
    return reported({ command: 'policy explain', output, onFaults: 1 }, async () => {
      const { set } = await policyFolder(folder);
      const request = readRequest(file, await withFile(file, () => textOf(file)), set);
      const verdict = decide(set, request);
      return { report: explained(folder, set, request, verdict), exit: exitOf(verdict.outcome === 'PERMIT') };
    });
  },
};

function textOf(file: string): string {
  const { size } = statSync(file);
  if (size > MOST_BYTES) throw new UsageError(`${file} has ${size} bytes; ${MOST_BYTES} are allowed.`);
  return readFileSync(file, 'utf8');
}

function explained(folder: string, set: PolicySet, request: object, verdict: Verdict): Report {
  const places = new Map(set.policies.map((policy) => [policy.id, policy]));
  const results = verdict.policies.map((finding): ReportResult => {
    const policy = places.get(finding.id);
    return {
      ...{
        rule: finding.id,
        name: `${finding.verdict} ${finding.id}`,
        status: STATUS[finding.verdict],
        message: whyOf(finding),
      },
      place: policy ? { file: join(folder, policy.file), line: policy.line, column: 1 } : null,
    };
  });
  // What no single policy says, as that there is none, is no less a reason.
  const whole = verdict.reasons.filter((reason) => !verdict.policies.some(({ id }) => reason.startsWith(`${id}: `)));
  const denials = whole.map((message): ReportResult => ({
    rule: 'policy-set',
    name: 'policy set',
    status: 'fail',
    message,
    place: null,
  }));
  return {
    ...{ command: 'policy explain', results: [...denials, ...results], summary: [verdict.outcome] },
    rules: new Map([
      ['policy-set', 'What no policy permits is denied.'],
      ...set.policies.map(({ id, reason }): [string, string] => [id, reason]),
    ]),
    json: { digest: set.digest, request, ...verdict },
  };
}

const STATUS: Readonly<Record<PolicyVerdict, ReportStatus>> = {
  PASS: 'pass',
  WARN: 'warn',
  FAIL: 'fail',
  UNKNOWN: 'fail',
};

function whyOf({ verdict, severity, reason, unknownFacts }: PolicyFinding): string {
  if (verdict === 'PASS') return '';
  if (verdict === 'UNKNOWN')
    return `Cannot be decided${unknownFacts.length > 0 ? `: nobody knows ${unknownFacts.join(', ')}` : ''}. ${reason}`;
  return severity === 'approval' ? `Needs an approval. ${reason}` : reason;
}
