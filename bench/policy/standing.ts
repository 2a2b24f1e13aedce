import { round } from '../load.js';

/** Asks over HTTP; throws for an answer that holds an error. */
export type Ask = <T>(query: string, variables: Record<string, unknown>) => Promise<T>;

/** As many go on side by side. */
const LANES = 8;
const PAGE = 100;
/** Of so many rehearsals the quickest counts: the first is planned. */
const TIMES = 3;

const DEPLOY = `mutation ($input: DeployModelInput!) {
  deployModel(input: $input) { __typename ... on DeployDenied { reasons { message } } }
}`;

/** What a rehearsal over live deployments took, and what it said. */
export interface Rehearsed {
  deployments: number;
  seconds: number;
  checked: number;
  isComplete: boolean;
}

/** Makes a model version of these inputs serve on so many deployments. */
export async function serve(ask: Ask, count: number, inputs: readonly string[]): Promise<void> {
  const named = (name: string) => ({ namespace: 'bench-policy', name });
  const register = async (assets: object[]): Promise<string[]> =>
    (
      await ask<{ registerAssets: { outcomes: { asset: { id: string } | null }[] } }>(
        'mutation ($assets: [AssetToRegisterInput!]!) { registerAssets(input: { assets: $assets }) { outcomes { asset { id } } } }',
        { assets },
      )
    ).registerAssets.outcomes.map(({ asset }) => asset?.id ?? '');
  const [model = '', transformation = ''] = await register([
    { model: named('served') },
    { transformation: named('trains what is served') },
  ]);
  const { made } = await ask<{ made: { modelVersion: { id: string } } }>(
    'mutation ($input: PublishModelVersionInput!) { made: publishModelVersion(input: $input) { modelVersion { id } } }',
    { input: { model, version: '1', digest: `sha256:${'5'.repeat(64)}` } },
  );
  const modelVersion = made.modelVersion.id;
  const { startRun } = await ask<{ startRun: { run: { id: string } } }>(
    'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }',
    { input: { transformation, inputs } },
  );
  await ask('mutation ($input: FinishRunInput!) { finishRun(input: $input) { run { id } } }', {
    input: { run: startRun.run.id, outputs: [modelVersion] },
  });
  const deployments: string[] = [];
  while (deployments.length < count) {
    const page = Array.from({ length: Math.min(PAGE, count - deployments.length) }, (_, number) => ({
      deployment: { ...named(`live ${deployments.length + number}`), environment: 'staging' },
    }));
    deployments.push(...(await register(page)));
  }
  const open = [...deployments];
  const lane = async (): Promise<void> => {
    for (let deployment = open.pop(); deployment !== undefined; deployment = open.pop()) {
      const { deployModel } = await ask<{ deployModel: { __typename: string } }>(DEPLOY, {
        input: { deployment, modelVersion },
      });
      if (deployModel.__typename !== 'Release') throw new Error(`Not released: ${JSON.stringify(deployModel)}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Rehearses a set on all of it, beside the active one. */
export async function rehearse(ask: Ask, deployments: number, policies: string): Promise<Rehearsed> {
  const { uploadPolicySet } = await ask<{ uploadPolicySet: { policySet: { id: string } } }>(
    'mutation ($input: UploadPolicySetInput!) { uploadPolicySet(input: $input) { policySet { id } } }',
    { input: { files: [{ path: 'draft.cedar', text: policies }] } },
  );
  const query = `query ($set: ID!) { rehearsePolicies(set: $set) { isComplete deployments { checked } } }`;
  const all: Rehearsed[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const began = performance.now();
    const { rehearsePolicies: of } = await ask<{
      rehearsePolicies: { isComplete: boolean; deployments: { checked: number } };
    }>(query, { set: uploadPolicySet.policySet.id });
    const seconds = round((performance.now() - began) / 1_000);
    all.push({ deployments, seconds, ...of.deployments, isComplete: of.isComplete });
  }
  const [quickest] = all.toSorted((a, b) => a.seconds - b.seconds);
  if (!quickest) throw new Error('Nothing was rehearsed.');
  if (quickest.isComplete && quickest.checked !== deployments)
    throw new Error(`The rehearsal asked about ${quickest.checked} of ${deployments}.`);
  return quickest;
}
