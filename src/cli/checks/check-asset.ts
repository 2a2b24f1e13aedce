import type { Command } from '../calling/command.js';
import { asAllowed, calledOnServer, INCOMPLETE, SERVER_EXITS, SERVER_USAGE } from '../policies/on-server.js';
import { askServer, type ServerCall } from '../calling/server.js';
import { SetupError } from '../../neo4j/setup-error.js';
import { exitOf, POLICY_FAIL, reported } from '../policies/policy-command.js';
import type { Report, ReportResult, ReportStatus } from '../reports/result.js';

const LABELS = 'labels { effective { dimension values unknown conflict hiddenOrigins } }';
const ASK = `query ($ref: AssetRef!, $after: String) {
  asset(ref: $ref) {
    urn kind retiredAt owners { role }
    lineage(direction: UPSTREAM, depth: 100, first: 1) { completeness { cutByDepth hiddenNodes } }
    ... on Dataset { ${LABELS} latestVersion { version qualityStatus { verdict failed warned } } }
    ... on Transformation { ${LABELS} }
    ... on Model { ${LABELS} }
    ... on Deployment { ${LABELS} }
  }
  violations(deployment: $ref, state: OPEN, first: 200, after: $after) {
    nodes { id policy openedAt reasons } pageInfo { hasNextPage endCursor }
  }
}`;

interface Violation {
  id: string;
  policy: string | null;
  openedAt: string;
  reasons: string[];
}
interface Looked {
  urn: string;
  kind: string;
  retiredAt: string | null;
  owners: { role: string }[];
  lineage: { completeness: { cutByDepth: number; hiddenNodes: number } };
  labels: {
    effective: {
      dimension: string;
      values: string[] | null;
      unknown: boolean;
      conflict: boolean;
      hiddenOrigins: number;
    }[];
  };
  latestVersion?: {
    version: string;
    qualityStatus: { verdict: 'PASSED' | 'WARNED' | 'FAILED' | 'NOT_CHECKED'; failed: number; warned: number };
  } | null;
}
interface Answer {
  asset: Looked | null;
  violations: { nodes: Violation[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}

/** `npx weft check asset`: what stands against an asset, as the token may know it. */
export const checkAsset: Command = {
  usage: `npx weft check asset REF [--server URL] [--token-file FILE] [--output FORM]

Says what stands against an asset, given by its id or urn: violations of policies by what it serves, labels that conflict, a test that its newest
version fails, that it is retired. Labels that are not known, an asset without an owner and tests that only warn are told, and are no failure.

${SERVER_USAGE}

Exit code: 0 nothing stands against it, ${SERVER_EXITS}: what it comes from is
hidden from the token in part, or is deeper than 100 hops.`,

  async run(args) {
    const { argument: ref, output, call } = await calledOnServer(args, 'The asset');
    return asAllowed(() =>
      reported({ command: 'check asset', output, onFaults: POLICY_FAIL }, async () => {
        const looked = await look(call, ref);
        const results = resultsOf(looked);
        const failed = results.some(({ status }) => status === 'fail');
        const exit = failed || isWhole(looked.asset) ? exitOf(!failed) : INCOMPLETE;
        return { report: reportOf(looked, results), exit };
      }),
    );
  },
};

interface All {
  asset: Looked;
  violations: Violation[];
}

async function look(call: ServerCall, ref: string): Promise<All> {
  const all: Violation[] = [];
  for (let after: string | null = null; ;) {
    const { asset, violations }: Answer = await askServer<Answer>(call, ASK, { ref, after });
    if (asset === null)
      throw new SetupError(
        `There is no asset ${ref} that this token may see. Look at the id or urn, or give another token.`,
      );
    all.push(...violations.nodes);
    if (!violations.pageInfo.hasNextPage) return { asset, violations: all };
    after = violations.pageInfo.endCursor;
  }
}

const isWhole = ({ lineage: { completeness } }: Looked): boolean =>
  completeness.cutByDepth === 0 && completeness.hiddenNodes === 0;

/** What things are judged by that are no policy. */
const RULES = {
  retired: 'It is in use.',
  owner: 'Somebody answers for it.',
  'label-conflict': 'Its labels leave something to do with it.',
  'label-unknown': 'Its labels are known.',
  quality: 'Its newest version passes its tests.',
  lineage: 'All that it comes from can be seen.',
} as const;

function resultsOf({ asset, violations }: All): ReportResult[] {
  const result = (rule: string, status: ReportStatus, message: string): ReportResult => ({
    ...{ rule, name: asset.urn, status, message, place: null },
  });
  const quality = asset.latestVersion?.qualityStatus;
  const { completeness } = asset.lineage;
  return [
    ...violations.map(({ policy, openedAt, reasons }) =>
      result(policy ?? 'no-policy', 'fail', `Since ${openedAt}: ${reasons.join(' ')}`),
    ),
    asset.retiredAt === null
      ? result('retired', 'pass', RULES.retired)
      : result('retired', 'fail', `It was retired at ${asset.retiredAt}.`),
    asset.owners.length > 0 ? result('owner', 'pass', RULES.owner) : result('owner', 'warn', 'Nobody owns it.'),
    ...asset.labels.effective.flatMap(({ dimension, unknown, conflict }) => [
      ...(conflict ? [result('label-conflict', 'fail', `${dimension}: what goes in permits nothing in common.`)] : []),
      ...(unknown ? [result('label-unknown', 'warn', `${dimension}: something up the line says nothing of it.`)] : []),
    ]),
    ...(quality ? [result('quality', STATUS[quality.verdict], qualityText(quality))] : []),
    ...(isWhole(asset)
      ? []
      : [
          result(
            'lineage',
            'note',
            `${completeness.hiddenNodes} assets that it comes from are hidden from you, ${completeness.cutByDepth} are too deep.`,
          ),
        ]),
  ];
}

const STATUS = { PASSED: 'pass', WARNED: 'warn', FAILED: 'fail', NOT_CHECKED: 'note' } as const;
const qualityText = ({ verdict, failed, warned }: NonNullable<Looked['latestVersion']>['qualityStatus']): string =>
  verdict === 'NOT_CHECKED' ? 'Nobody tested it.' : `${failed} tests fail, ${warned} warn.`;

function reportOf({ asset, violations }: All, results: readonly ReportResult[]): Report {
  const count = (status: ReportStatus): number => results.filter((each) => each.status === status).length;
  const rules = new Map<string, string>(Object.entries(RULES));
  for (const { policy, reasons } of violations) rules.set(policy ?? 'no-policy', reasons.join(' '));
  return {
    ...{ command: 'check asset', results, rules },
    summary: [`${asset.kind} ${asset.urn}: ${count('fail')} against it, ${count('warn')} to look at.`],
    json: { asset: { ...asset, isWhole: isWhole(asset) }, violations, results },
  };
}
