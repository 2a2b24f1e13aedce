import { SetupError } from '../neo4j/setup-error.js';
import { obtainGrants } from './access.js';
import { type DemoAsset, type DemoVersion, ensureAsset } from './catalog.js';
import { showWays } from './decisions.js';
import type { Display } from './display.js';
import type { Cast } from './people.js';
import { gitRevision } from './preparation.js';
import { launch, type LaunchedJob, showResult, type TrainedModel, type TrainingPlan, watch } from './training.js';

/** What the raw file may not be used for. */
const OTHER_PURPOSE = 'MARKETING';

/** A decision by policies, with the words for it. */
interface Decided {
  what: string;
  id: string;
}

/** A release, or the reasons why it is none. */
interface Deployed {
  from?: string;
  policyDecisions?: { nodes: { id: string }[] };
  reasons?: { rule: string; message: string; policyApproval: string | null }[];
}

/** The science team's part: asking for the data, training, and serving the model. */
export class ScienceTeam {
  private readonly owners: { owner: string }[];

  constructor(
    private readonly cast: Cast,
    private readonly display: Display,
  ) {
    this.owners = [{ owner: cast.teams.science }];
  }

  async plan(inputs: readonly DemoVersion[]): Promise<TrainingPlan> {
    const { client } = this.cast.sami;
    const transformation = await ensureAsset(client, 'Transformation', {
      name: 'train-classifier',
      codeRef: { path: 'examples/penguins/train.mjs', revision: await gitRevision() },
      owners: this.owners,
    });
    const model = await ensureAsset(client, 'Model', {
      name: 'penguin-classifier',
      task: 'classification',
      license: 'CC0-1.0',
      owners: this.owners,
    });
    return { transformation, model, inputs };
  }

  registerDeployment(): Promise<DemoAsset> {
    return ensureAsset(this.cast.sami.client, 'Deployment', {
      name: 'penguin-api',
      environment: 'production',
      owners: this.owners,
    });
  }

  /** The first launch is denied, for the data belongs to others; they are asked, and grant it. */
  askForData(plan: TrainingPlan): Promise<void> {
    return this.display.step('The science team asks to train on data it does not own', async () => {
      const outcome = await launch(this.cast.sami.client, plan);
      if (outcome.__typename === 'TrainingJob') return { value: undefined, note: 'granted in an earlier run' };
      for (const { rule, message } of outcome.reasons) this.display.detail(`denied, ${rule}: ${message}`);
      const assets = outcome.reasons.flatMap(({ rule, asset }) =>
        rule === 'ACTION_NOT_GRANTED' && asset ? [asset.id] : [],
      );
      await obtainGrants(this.cast, assets);
      const note = `LaunchDenied; asked for access, and Dana granted it on ${assets.length} data set(s) for 30 days`;
      return { value: undefined, note };
    });
  }

  /** A launch for what the raw file may not be used for, and the way that says why. Answers the decision. */
  launchForOtherPurpose(plan: TrainingPlan): Promise<Decided[]> {
    return this.display.step(`A launch for ${OTHER_PURPOSE} is forbidden`, async () => {
      const { client } = this.cast.sami;
      const outcome = await launch(client, plan, OTHER_PURPOSE);
      if (outcome.__typename === 'TrainingJob')
        throw new SetupError(`The launch ${outcome.id} was let through, though no label names its purpose.`);
      for (const { rule, message } of outcome.reasons) this.display.detail(`denied, ${rule}: ${message}`);
      const [id] = outcome.reasons.flatMap(({ policyDecision }) => policyDecision ?? []);
      if (id === undefined) return { value: [], note: 'LaunchDenied, and not by a policy' };
      await showWays(client, id, this.display);
      return { value: [{ what: `the launch for ${OTHER_PURPOSE}`, id }], note: `LaunchDenied, decision ${id}` };
    });
  }

  train(plan: TrainingPlan): Promise<TrainedModel> {
    const { client } = this.cast.sami;
    return this.display.step('The launch is accepted, and really trains', async () => {
      const job = await this.launchGranted(plan);
      this.display.detail(`job ${job.id}`);
      if (job.state !== 'SUCCEEDED') await watch(client, job.id, this.display);
      const model = await showResult(client, job.id, this.display);
      const { testAccuracy = 0, testLoss = 0 } = model.metrics;
      const measured = `accuracy ${testAccuracy.toFixed(3)}, loss ${testLoss.toFixed(4)} on the test share`;
      const found = job.state === 'SUCCEEDED' ? '; trained in an earlier run' : '';
      return { value: model, note: `${model.version}, ${model.digest.slice(0, 19)}…: ${measured}${found}` };
    });
  }

  /** The model goes to production; where policies want a second pair of eyes, Noor's. Answers what was decided about it. */
  deploy(model: TrainedModel, deployment: DemoAsset): Promise<{ decisions: Decided[] }> {
    return this.display.step('The model is released to production', async () => {
      const first = await this.tryToDeploy(model, deployment);
      const approval = first.reasons?.flatMap(({ policyApproval }) => policyApproval ?? [])[0];
      if (approval !== undefined) await this.approve(first, approval);
      const release = approval === undefined ? first : await this.tryToDeploy(model, deployment);
      if (release.reasons) throw new SetupError(`The release was denied: ${textOf(release.reasons)}`);
      const decisions = release.policyDecisions?.nodes ?? [];
      const value = { decisions: decisions.map(({ id }) => ({ what: `the release of ${model.version}`, id })) };
      return { value, note: `${model.version} serves on penguin-api since ${release.from ?? ''}` };
    });
  }

  /** Sent again by whoever asked for it, it finds what was done by itself meanwhile. */
  private async tryToDeploy(model: TrainedModel, deployment: DemoAsset): Promise<Deployed> {
    const query = `mutation ($input: DeployModelInput!) { deployModel(input: $input) {
      ... on Release { from policyDecisions(first: 1) { nodes { id } } }
      ... on DeployDenied { reasons { rule message policyApproval } }
    } }`;
    const input = { modelVersion: model.versionId, deployment: deployment.id, reason: 'The demo' };
    return (await this.cast.sami.client.ask<{ deployModel: Deployed }>(query, { input })).deployModel;
  }

  private async approve({ reasons = [] }: Deployed, approval: string): Promise<void> {
    for (const { rule, message } of reasons) this.display.detail(`waits, ${rule}: ${message}`);
    const query = `mutation ($input: DecideApprovalInput!) { approveDecision(input: $input) {
      policyApproval { continuation stoppedBecause } } }`;
    const { approveDecision } = await this.cast.noor.client.ask<{
      approveDecision: { policyApproval: { continuation: string; stoppedBecause: string | null } };
    }>(query, { input: { approval, reason: 'The demo' } });
    const { continuation, stoppedBecause } = approveDecision.policyApproval;
    if (stoppedBecause !== null) throw new SetupError(`What was approved did not come about: ${stoppedBecause}`);
    this.display.detail(`Noor approves it${continuation === 'DONE' ? ', and it is done at once' : ''}`);
  }

  private async launchGranted(plan: TrainingPlan): Promise<LaunchedJob> {
    const outcome = await launch(this.cast.sami.client, plan);
    if (outcome.__typename === 'TrainingJob') return outcome;
    throw new SetupError(`The launch was denied again: ${textOf(outcome.reasons)}`);
  }
}

function textOf(reasons: readonly { message: string }[]): string {
  return reasons.map((reason) => reason.message).join(' ');
}
