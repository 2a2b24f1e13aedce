import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readShaped } from '../../governance/policies/request-file.js';
import { type Command, EXIT, withFile } from '../calling/command.js';
import { asAllowed, calledOnServer, SERVER_EXITS, SERVER_USAGE } from '../policies/on-server.js';
import { askServer, type ServerCall } from '../calling/server.js';
import { exitOf, reported } from '../policies/policy-command.js';
import type { Report, ReportResult, ReportStatus } from '../reports/result.js';

const SAID = 'accepted wouldAskApproval reasons { rule message } warnings { policy message }';
const DENIED = '... on DeployDenied { reasons { rule message } }';
const RELEASE = `__typename ... on DryRun { ${SAID} } ${DENIED}`;
const PAYLOAD = `dryRun { ${SAID} }`;

/** How each action is asked for: the type of its input, and what is read of the answer. */
const ACTIONS = {
  launchTraining: {
    input: 'LaunchTrainingInput',
    answer: `__typename ... on DryRun { ${SAID} } ... on LaunchDenied { reasons { rule message } }
      ... on LaunchConflict { message } ... on LauncherUnavailable { message }`,
  },
  deployModel: { input: 'DeployModelInput', answer: RELEASE },
  promoteRelease: { input: 'PromoteReleaseInput', answer: RELEASE },
  rollbackRelease: { input: 'RollbackReleaseInput', answer: RELEASE },
  publishDatasetVersion: { input: 'PublishDatasetVersionInput', answer: PAYLOAD },
  publishModelVersion: { input: 'PublishModelVersionInput', answer: PAYLOAD },
  retireAsset: { input: 'RetireAssetInput', answer: PAYLOAD },
} as const;
type Action = keyof typeof ACTIONS;
const NAMES = Object.keys(ACTIONS) as [Action, ...Action[]];

const MOST_PLANS = 100;
const PLAN = z.strictObject({ action: z.enum(NAMES), input: z.record(z.string(), z.unknown()) });
const PLANS = z.strictObject({ plans: z.array(PLAN).min(1).max(MOST_PLANS) });

interface Plan {
  action: Action;
  input: Record<string, unknown>;
  place: NonNullable<ReportResult['place']>;
}
interface Reason {
  rule: string;
  message: string;
}
interface Warning {
  policy: string;
  message: string;
}
/** What the server would say; `reasons` are [] where it would do it. */
interface Judged {
  plan: Plan;
  accepted: boolean;
  wouldAskApproval: boolean;
  reasons: readonly Reason[];
  /** What policies tell besides, and let through. */
  warnings: readonly Warning[];
}

/** `npx weft check plan`: what a server would say to launches, releases and the like, without doing them. */
export const checkPlan: Command = {
  usage: `npx weft check plan FILE [--server URL] [--token-file FILE] [--output FORM]

Asks a server whether it would do what a file of YAML or JSON says, by the same rights, faults and policies, as a dry run: nothing is done, and
nobody is asked for an approval. The file holds \`plans\`, each an \`action\` with the \`input\` of its mutation:

  plans:
    - action: deployModel
      input: { deployment: "urn:weft:deployment:…", modelVersion: "<id>" }

Actions: ${NAMES.join(', ')}.
The token must have the scope and the rights that the action itself needs. What policies only warn of is told, and is no failure.

${SERVER_USAGE}

Exit code: 0 all of it would be done, ${SERVER_EXITS}.`,

  async run(args) {
    const { argument: file, output, call } = await calledOnServer(args, 'The file');
    return asAllowed(() =>
      reported({ command: 'check plan', output, onFaults: EXIT.USAGE }, async () => {
        const judged: Judged[] = [];
        for (const plan of await plansOf(file)) judged.push(await judge(call, plan));
        return { report: reportOf(judged), exit: exitOf(judged.every(({ accepted }) => accepted)) };
      }),
    );
  },
};

async function plansOf(file: string): Promise<Plan[]> {
  const text = await withFile(file, () => readFileSync(file, 'utf8'));
  const { value, lineOf } = readShaped(file, text, PLANS);
  return value.plans.map((plan, index) => ({ ...plan, place: { file, ...lineOf(['plans', index, 'action']) } }));
}

async function judge(call: ServerCall, plan: Plan): Promise<Judged> {
  const { action, input } = plan;
  const { input: type, answer } = ACTIONS[action];
  // A launch has a key of its own, which a dry run does not keep.
  const key = action === 'launchTraining' ? { idempotencyKey: 'weft check plan' } : {};
  const { made } = await askServer<{ made: Said }>(
    call,
    `mutation ($input: ${type}!) { made: ${action}(input: $input) { ${answer} } }`,
    { input: { ...key, ...input, dryRun: true } },
  );
  return { plan, ...verdictOf(made) };
}

type Said = Partial<Omit<Judged, 'plan'>> & { __typename?: string; message?: string; dryRun?: Said | null };

/** A denial, a conflict or a launcher that is away is said outside of the dry run. */
function verdictOf(said: Said): Omit<Judged, 'plan'> {
  const { accepted = false, wouldAskApproval = false, reasons = [], warnings = [], message } = said.dryRun ?? said;
  const word = message === undefined ? [] : [{ rule: said.__typename ?? 'refused', message }];
  return { accepted, wouldAskApproval, reasons: [...reasons, ...word], warnings };
}

const ruleOf = (rule: string): string => rule.replace('POLICY:', '');

function resultsOf({ plan, accepted, reasons, warnings }: Judged): ReportResult[] {
  const result = (status: ReportStatus, rule: string, message: string): ReportResult => ({
    ...{ rule, name: plan.action, status, message, place: plan.place },
  });
  return [
    ...(accepted ? [result('pass', 'plan', 'It would be done.')] : []),
    ...reasons.map(({ rule, message }) => result('fail', ruleOf(rule), message)),
    ...warnings.map(({ policy, message }) => result('warn', policy, message)),
  ];
}

function reportOf(judged: readonly Judged[]): Report {
  const results = judged.flatMap(resultsOf);
  const denied = judged.filter(({ accepted }) => !accepted);
  const asking = denied.filter(({ wouldAskApproval }) => wouldAskApproval).length;
  const rules = new Map(
    results.filter(({ status }) => status !== 'pass').map(({ rule, message }) => [rule, message] as const),
  );
  rules.set('plan', 'What was planned would be done.');
  const warned = results.filter(({ status }) => status === 'warn').length;
  return {
    ...{ command: 'check plan', results, rules },
    summary: [
      `${judged.length - denied.length} of ${judged.length} would be done; ${asking} of the others would wait for an approval; ${warned} to look at.`,
    ],
    json: {
      plans: judged.map(({ plan: { action, input, place }, ...said }) => ({
        action,
        input,
        line: place.line,
        ...said,
      })),
    },
  };
}
