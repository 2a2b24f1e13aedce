import type { DemoClient } from './client.js';
import type { Display } from './display.js';

interface Step {
  kind: 'ASSET' | 'RUN' | 'VERSION';
  id: string | null;
  asset: string | null;
}

interface Named {
  id: string;
  name?: string;
  version?: string;
}

/** Shows the way by which each fact that is in the way came about, from what goes in back to where it was said. */
export async function showWays(client: DemoClient, decision: string, display: Display): Promise<void> {
  const query = 'query ($id: ID!) { policyDecision(id: $id) { witnesses { fact steps { kind id asset } } } }';
  const { policyDecision } = await client.ask<{ policyDecision: { witnesses: { fact: string; steps: Step[] }[] } }>(
    query,
    { id: decision },
  );
  for (const { fact, steps } of policyDecision.witnesses) {
    const named = await namesOf(client, steps);
    display.detail(`${fact}: ${steps.map((step) => labelOf(step, named)).join(' ← ')}`);
  }
}

async function namesOf(client: DemoClient, steps: readonly Step[]): Promise<Map<string, Named>> {
  const ids = [...new Set(steps.flatMap(({ id, asset }) => [id ?? [], asset ?? []].flat()))];
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Asset { name }
    ... on DatasetVersion { version } ... on ModelVersion { version } } }`;
  const { nodes } = await client.ask<{ nodes: (Named | null)[] }>(query, { ids });
  return new Map(nodes.flatMap((node) => (node ? [[node.id, node]] : [])));
}

function labelOf({ kind, id, asset }: Step, named: ReadonlyMap<string, Named>): string {
  const name = named.get(asset ?? '')?.name ?? '(hidden from you)';
  if (kind === 'RUN') return `a run of ${name}`;
  const version = named.get(id ?? '')?.version;
  return version === undefined ? name : `${name} ${version}`;
}

/** Makes decisions again, from the policies and the facts that were kept with each. */
export function replay(
  client: DemoClient,
  decisions: readonly { what: string; id: string }[],
  display: Display,
): Promise<void> {
  return display.step('The decisions are made again, from what was kept with each', async () => {
    const query = 'query ($id: ID!) { replayDecision(id: $id) { isSame isIntact outcome } }';
    let same = 0;
    for (const { what, id } of decisions) {
      const { replayDecision } = await client.ask<{
        replayDecision: { isSame: boolean; isIntact: boolean; outcome: string };
      }>(query, { id });
      const isSame = replayDecision.isSame && replayDecision.isIntact;
      if (isSame) same += 1;
      display.detail(
        `${what}: ${replayDecision.outcome}${isSame ? ', as it was decided' : ', which is not as it was'}`,
      );
    }
    return { value: undefined, note: `${same} of ${decisions.length} come out the same` };
  });
}
