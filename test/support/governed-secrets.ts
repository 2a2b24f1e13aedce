/** What labels, grants, tests of quality, proposals and policies leave behind of assets, hidden ones among them. */
import { PERMIT_ALL, upload, violationOf, waitingDecision } from './policies.js';
import type { SecretAsset, SecretWorld } from './secret-world.js';
import type { TestWeftline } from './weftline.js';

/** Ids by what they are of, so that they are asked for. */
export interface Governed {
  decisions: string[];
  violations: string[];
  declassifications: string[];
}

/** The code of transformations is told exactly, and may lower labels: asked for with a reason that is a secret, and approved by two. */
export async function makeDeclassifications(server: TestWeftline, world: SecretWorld): Promise<void> {
  const { assets, builder, governed } = world;
  const admins = [await server.user({ role: 'ADMIN' }), await server.user({ role: 'ADMIN' })];
  const change = 'mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { __typename } }';
  const ask =
    'mutation ($input: RequestDeclassificationInput!) { requestDeclassification(input: $input) { declassificationGrant { id } } }';
  const approve =
    'mutation ($input: ApproveDeclassificationInput!) { approveDeclassification(input: $input) { __typename } }';
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  for (const asset of assets.filter(({ kind }) => kind === 'transformation')) {
    const codeRef = { repository: `https://example.org/${asset.word}`, revision: 'a'.repeat(40) };
    await builder.data(change, { input: { ref: asset.id, codeRef } });
    const { requestDeclassification } = await builder.data<{
      requestDeclassification: { declassificationGrant: { id: string } };
    }>(ask, {
      input: {
        ...{ transformation: asset.id, dimension: 'classification', from: ['CONFIDENTIAL'], to: ['INTERNAL'] },
        ...{ reason: `Because of ${asset.word}`, expiresAt },
      },
    });
    const { id } = requestDeclassification.declassificationGrant;
    for (const admin of admins) await admin.data(approve, { input: { grant: id } });
    keep(world, asset, id);
    governed.declassifications.push(id);
  }
}

/** Labels of data sets, of their fields and versions, and what tests of them came to. */
export async function makeLabels(world: SecretWorld): Promise<void> {
  const { assets, builder, versions } = world;
  const declare = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { labelDeclaration { id } } }';
  const report = 'mutation ($input: ReportQualityInput!) { reportQuality(input: $input) { __typename } }';
  for (const asset of assets.filter(({ kind }) => kind === 'dataset')) {
    const { id, word } = asset;
    const reason = `Because of ${word}`;
    const said = { dimension: 'classification', values: ['CONFIDENTIAL'], reason };
    const labelled = [
      { ...said, asset: id },
      { ...said, version: versions.get(asset) },
      { asset: id, field: `field_${word}`, dimension: 'personalData', values: ['contact'], reason },
    ];
    for (const input of labelled) {
      const { declareLabel } = await builder.data<{ declareLabel: { labelDeclaration: { id: string } } }>(declare, {
        input,
      });
      asset.secrets.push(declareLabel.labelDeclaration.id);
    }
    const assertions = [{ assertion: `test-${word}`, field: `field_${word}`, success: false, observed: `saw ${word}` }];
    const measured = { source: `tool-${word}`, measuredAt: new Date().toISOString(), assertions };
    for (const of of [{ dataset: id }, { version: versions.get(asset) }])
      await builder.data(report, { input: { ...of, ...measured } });
  }
}

/** Every other data set is said to be the same as the one before it. */
export async function makeProposals(world: SecretWorld): Promise<void> {
  const datasets = world.assets.filter(({ kind }) => kind === 'dataset');
  const propose = 'mutation ($input: ProposeAliasInput!) { proposeAlias(input: $input) { aliasProposal { id } } }';
  for (const [index, one] of datasets.entries()) {
    const other = datasets[index - 1];
    if (index % 2 === 0 || !other) continue;
    const input = { asset: one.id, sameAs: other.id, reason: `${one.word} is ${other.word}` };
    const { proposeAlias } = await world.builder.data<{ proposeAlias: { aliasProposal: { id: string } } }>(propose, {
      input,
    });
    keep(world, one, proposeAlias.aliasProposal.id);
    other.secrets.push(proposeAlias.aliasProposal.id);
  }
}

/** Decisions about what runs and serves, with inputs and ways through all that there is; what waits, and what is violated. */
export async function makeDecisions(server: TestWeftline, world: SecretWorld): Promise<void> {
  const { assets, builder, versions, releases, governed } = world;
  const admin = await server.user({ role: 'ADMIN' });
  const policySet = await upload(admin, { 'a.cedar': PERMIT_ALL });
  const inputs = [...versions].map(([{ id, word }, versionId]) => ({
    assetId: id,
    versionId,
    digest: `digest-${word}`,
  }));
  for (const asset of assets.filter(({ kind }) => kind === 'transformation' || kind === 'deployment')) {
    const made = await waitingDecision(server, { resource: asset, requester: builder.userId, policySet, inputs });
    keep(world, asset, made.decision, made.approval);
    governed.decisions.push(made.decision);
    const release = releases.get(asset);
    if (release === undefined) continue;
    const violation = await violationOf(server, { deployment: asset, release, decision: made.decision });
    keep(world, asset, violation);
    governed.violations.push(violation);
  }
}

function keep({ ids }: SecretWorld, asset: SecretAsset, ...made: string[]): void {
  ids.push(...made);
  asset.secrets.push(...made);
}
