import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoAsset } from './catalog.js';
import type { DemoClient } from './client.js';
import type { Display } from './display.js';
import { EXAMPLES } from './preparation.js';

const FILE = 'penguins.cedar';

interface PolicySet {
  id: string;
  isActive: boolean;
  files: { path: string }[];
}

/**
 * Makes the policies of the demo the active ones, as an administrator does it. They are about these assets alone, so whatever else the server is
 * used for goes on as before, and they stay. False: they are not active, for others are, which the demo leaves alone, or it takes two to say so.
 */
export function enforcePolicies(
  admin: DemoClient,
  assets: Readonly<Record<string, DemoAsset>>,
  needsSecond: boolean,
  display: Display,
): Promise<boolean> {
  return display.step('An administrator makes three policies active', async () => {
    const found = await activeSet(admin);
    const isOurs = found === null || isOfTheDemo(found);
    if (!isOurs)
      return { value: false, note: 'left out: other policies are active here, and decide about the demo too' };
    const set = await upload(admin, policiesAbout(assets));
    if (set === found?.id) return { value: true, note: `${FILE}; active from an earlier run` };
    if (needsSecond) return { value: false, note: 'left out: WEFTLINE_POLICY_SECOND_ADMIN asks for a second person' };
    const activate = 'mutation ($input: ActivatePolicySetInput!) { activatePolicySet(input: $input) { state } }';
    const input = { policySet: set, expectedActive: found?.id ?? null, reason: 'The demo' };
    await admin.ask(activate, { input });
    return {
      value: true,
      note: `${FILE}: purpose, licence and four eyes, for ${Object.keys(assets).join(' and ')} alone`,
    };
  });
}

/** Of this demo, or of one before it whose policies were others. */
function isOfTheDemo({ files }: PolicySet): boolean {
  const paths = files.map(({ path }) => path).filter((path) => path !== 'schema.cedarschema');
  return paths.length === 1 && paths[0] === FILE;
}

/** The policies as they lie in the folder, with the ids of assets in place of their names. */
function policiesAbout(assets: Readonly<Record<string, DemoAsset>>): string {
  return Object.entries(assets).reduce(
    (text, [name, { id }]) => text.replaceAll(`Asset::"${name}"`, `Asset::"${id}"`),
    readFileSync(join(EXAMPLES, 'policies', FILE), 'utf8'),
  );
}

async function activeSet(admin: DemoClient): Promise<PolicySet | null> {
  for (let after: string | null = null; ;) {
    const query = `query ($after: String) { policySets(first: 100, after: $after) {
      nodes { id isActive files { path } } pageInfo { hasNextPage endCursor } } }`;
    const {
      policySets,
    }: { policySets: { nodes: PolicySet[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } = await admin.ask(
      query,
      { after },
    );
    const found = policySets.nodes.find(({ isActive }) => isActive);
    if (found || !policySets.pageInfo.hasNextPage) return found ?? null;
    after = policySets.pageInfo.endCursor;
  }
}

/** The id of the set; the same text is the same set. */
async function upload(admin: DemoClient, text: string): Promise<string> {
  const query = 'mutation ($input: UploadPolicySetInput!) { uploadPolicySet(input: $input) { policySet { id } } }';
  const { uploadPolicySet } = await admin.ask<{ uploadPolicySet: { policySet: { id: string } } }>(query, {
    input: { files: [{ path: FILE, text }], reason: 'The demo' },
  });
  return uploadPolicySet.policySet.id;
}
