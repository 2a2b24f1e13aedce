import { PolicyFaults } from '../../governance/policies/policy-faults.js';
import { type Command, EXIT } from '../calling/command.js';
import { asAllowed, calledOnServer, INCOMPLETE, SERVER_EXITS, SERVER_USAGE } from './on-server.js';
import { askServer, type ServerCall } from '../calling/server.js';
import type { Report, ReportResult } from '../reports/result.js';
import { POLICY_FAIL, policyFolder, reported } from './policy-command.js';

const PAGE = 200;

const UPLOAD = `mutation ($input: UploadPolicySetInput!) { uploadPolicySet(input: $input) { policySet { id faults { file line column message } } } }`;
const REHEARSE = `query ($set: ID!, $first: Int!, $after: String) { rehearsePolicies(set: $set) { isComplete activeId
  deployments { checked changed denied } trainingJobs { checked changed denied } approvals { checked changed denied }
  changes(first: $first, after: $after) { pageInfo { hasNextPage endCursor }
    nodes { kind subjectId action resourceUrn active draft differences { policy active draft reason } reasons } } } }`;

interface Count {
  checked: number;
  changed: number;
  denied: number;
}
interface Change {
  kind: string;
  subjectId: string;
  action: string;
  resourceUrn: string;
  active: string;
  draft: string;
  differences: { policy: string; active: string | null; draft: string | null; reason: string }[];
  reasons: string[];
}
interface Rehearsed {
  isComplete: boolean;
  activeId: string | null;
  deployments: Count;
  trainingJobs: Count;
  approvals: Count;
  changes: { pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: Change[] };
}

/** `npx weft policy rehearse`: what a folder of policies would decide otherwise, of what stands on a server. */
export const policyRehearse: Command = {
  usage: `npx weft policy rehearse FOLDER [--server URL] [--token-file FILE] [--output FORM]

Brings the policies of a folder to a server, without activating them, and says which live deployments, open training jobs and approvals
would be decided otherwise by them than by the active set. The token must be of an ADMIN, with the scope ADMIN.

${SERVER_USAGE}

Exit code: 0 nothing that is permitted would be denied, ${SERVER_EXITS}.`,

  async run(args) {
    const { argument: folder, output, call } = await calledOnServer(args, 'The folder');
    return asAllowed(() =>
      reported({ command: 'policy rehearse', output, onFaults: EXIT.PROBLEMS }, async () => {
        const { texts } = await policyFolder(folder);
        const set = await uploaded(call, texts);
        const rehearsed = await rehearsedBy(call, set);
        return { report: reportOf(set, rehearsed), exit: exitOf(rehearsed) };
      }),
    );
  },
};

/** The id of the set on the server; of the same text there is one. */
async function uploaded(
  call: ServerCall,
  { policies, schema }: { policies: Readonly<Record<string, string>>; schema: string | null },
): Promise<string> {
  const files = Object.entries(policies).map(([path, text]) => ({ path, text }));
  const input = { files, schema, reason: 'A rehearsal.' };
  const { uploadPolicySet } = await askServer<{
    uploadPolicySet: { policySet: { id: string; faults: PolicyFaults['faults'] } };
  }>(call, UPLOAD, { input });
  const { id, faults } = uploadPolicySet.policySet;
  if (faults.length > 0) throw new PolicyFaults(faults);
  return id;
}

async function rehearsedBy(call: ServerCall, set: string): Promise<Rehearsed> {
  const nodes: Change[] = [];
  for (let after: string | null = null; ;) {
    const { rehearsePolicies: part }: { rehearsePolicies: Rehearsed | null } = await askServer(call, REHEARSE, {
      ...{ set, first: PAGE, after },
    });
    if (part === null) throw new Error(`The set ${set} is gone from the server.`);
    nodes.push(...part.changes.nodes);
    after = part.changes.pageInfo.endCursor;
    if (!part.changes.pageInfo.hasNextPage) return { ...part, changes: { ...part.changes, nodes } };
  }
}

const countsOf = ({ deployments, trainingJobs, approvals }: Rehearsed): [string, Count][] => [
  ['deployments', deployments],
  ['training jobs', trainingJobs],
  ['approvals', approvals],
];

function exitOf(rehearsed: Rehearsed): number {
  if (countsOf(rehearsed).some(([, { denied }]) => denied > 0)) return POLICY_FAIL;
  return rehearsed.isComplete ? EXIT.DONE : INCOMPLETE;
}

function reportOf(set: string, rehearsed: Rehearsed): Report {
  const { nodes } = rehearsed.changes;
  const results = nodes.flatMap((change): ReportResult[] => {
    const status = change.active === 'PERMIT' ? 'fail' : 'note';
    const name = `${change.kind} ${change.resourceUrn} (${change.subjectId})`;
    const said = `${change.active} → ${change.draft}`;
    const of = change.differences.map(({ policy, active, draft, reason }) => ({
      rule: policy,
      message: `${said}: ${policy} ${active ?? 'nothing'} → ${draft ?? 'nothing'}: ${reason}`,
    }));
    const made = of.length > 0 ? of : [{ rule: 'no-policy', message: `${said}: ${change.reasons.join(' ')}` }];
    return made.map(({ rule, message }) => ({ rule, name, status, message, place: null }));
  });
  const counts = countsOf(rehearsed).map(
    ([kind, { checked, changed, denied }]) =>
      `${checked} ${kind}: ${changed} would be decided otherwise, ${denied} of them denied.`,
  );
  const missing = rehearsed.isComplete ? [] : ['Not all that stands was asked about: there is too much of it.'];
  const rules = new Map(nodes.flatMap(({ differences }) => differences.map(({ policy, reason }) => [policy, reason])));
  if (results.some(({ rule }) => rule === 'no-policy')) rules.set('no-policy', 'Nothing permits it.');
  const { isComplete, activeId, deployments, trainingJobs, approvals } = rehearsed;
  const told = { deployments, trainingJobs, approvals, changes: nodes };
  return {
    ...{ command: 'policy rehearse', results, summary: [...counts, ...missing], rules },
    json: { policySet: set, active: activeId, isComplete, ...told },
  };
}
