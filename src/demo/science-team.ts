import { SetupError } from '../neo4j/setup-error.js';
import { obtainGrants } from './access.js';
import { type DemoAsset, type DemoVersion, ensureAsset } from './catalog.js';
import type { Display } from './display.js';
import type { Cast } from './people.js';
import { gitRevision } from './preparation.js';
import { launch, type LaunchedJob, showResult, type TrainedModel, type TrainingPlan, watch } from './training.js';

/** The science team's part: asking for the data, training, and serving the model. */
export class ScienceTeam {
  private readonly owners: { owner: string }[];

  constructor(
    private readonly cast: Cast,
    private readonly display: Display,
  ) {
    this.owners = [{ owner: cast.teams.science }];
  }

  async train(inputs: readonly DemoVersion[]): Promise<TrainedModel> {
    const plan = await this.plan(inputs);
    const { client } = this.cast.sami;
    await this.askForData(plan);
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

  deploy(model: TrainedModel): Promise<DemoAsset> {
    return this.display.step('The model is released on a deployment', async () => {
      const { client } = this.cast.sami;
      const deployment = await ensureAsset(client, 'Deployment', {
        name: 'penguin-api',
        environment: 'production',
        owners: this.owners,
      });
      const query = `mutation ($input: DeployModelInput!) { deployModel(input: $input) {
        ... on Release { from } ... on DeployDenied { reasons { message } }
      } }`;
      const input = { modelVersion: model.versionId, deployment: deployment.id, reason: 'The demo' };
      const { deployModel } = await client.ask<{
        deployModel: { from?: string; reasons?: { message: string }[] };
      }>(query, { input });
      if (deployModel.reasons) throw new SetupError(`The release was denied: ${textOf(deployModel.reasons)}`);
      return { value: deployment, note: `${model.version} serves on penguin-api since ${deployModel.from ?? ''}` };
    });
  }

  private async plan(inputs: readonly DemoVersion[]): Promise<TrainingPlan> {
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

  /** The first launch is denied, for the data belongs to others; they are asked, and grant it. */
  private askForData(plan: TrainingPlan): Promise<void> {
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

  private async launchGranted(plan: TrainingPlan): Promise<LaunchedJob> {
    const outcome = await launch(this.cast.sami.client, plan);
    if (outcome.__typename === 'TrainingJob') return outcome;
    throw new SetupError(`The launch was denied again: ${textOf(outcome.reasons)}`);
  }
}

function textOf(reasons: readonly { message: string }[]): string {
  return reasons.map((reason) => reason.message).join(' ');
}
