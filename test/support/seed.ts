import type { Client } from './client.js';

export interface SeededAsset {
  id: string;
  urn: string;
}

type Kind = 'Dataset' | 'Transformation' | 'Model' | 'Deployment';

/** Registers assets and what belongs to them, through the API, in one namespace. */
export class Seed {
  constructor(
    private readonly client: Client,
    private readonly namespace: string,
  ) {}

  dataset(name: string, more: Record<string, unknown> = {}): Promise<SeededAsset> {
    return this.register('Dataset', name, more);
  }

  transformation(name: string, more: Record<string, unknown> = {}): Promise<SeededAsset> {
    return this.register('Transformation', name, more);
  }

  model(name: string, more: Record<string, unknown> = {}): Promise<SeededAsset> {
    return this.register('Model', name, more);
  }

  deployment(name: string, more: Record<string, unknown> = {}): Promise<SeededAsset> {
    return this.register('Deployment', name, { environment: 'test', ...more });
  }

  /** Publishes a version of a data set; its id. */
  async datasetVersion(dataset: string, version = '1', more: Record<string, unknown> = {}): Promise<string> {
    const query =
      'mutation ($input: PublishDatasetVersionInput!) { publishDatasetVersion(input: $input) { datasetVersion { id } } }';
    const input = { dataset, version, ...more };
    const answer = await this.client.data<{ publishDatasetVersion: { datasetVersion: { id: string } } }>(query, {
      input,
    });
    return answer.publishDatasetVersion.datasetVersion.id;
  }

  /** Publishes a version of a model; its id. */
  async modelVersion(model: string, version = '1', more: Record<string, unknown> = {}): Promise<string> {
    const query =
      'mutation ($input: PublishModelVersionInput!) { publishModelVersion(input: $input) { modelVersion { id } } }';
    const input = { model, version, ...more };
    const answer = await this.client.data<{ publishModelVersion: { modelVersion: { id: string } } }>(query, { input });
    return answer.publishModelVersion.modelVersion.id;
  }

  /** Runs a transformation from input versions to output versions; the id of the run. */
  async run(transformation: string, inputs: readonly string[], outputs: readonly string[]): Promise<string> {
    const start = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
    const { startRun } = await this.client.data<{ startRun: { run: { id: string } } }>(start, {
      input: { transformation, inputs },
    });
    const finish = 'mutation ($input: FinishRunInput!) { finishRun(input: $input) { run { id } } }';
    await this.client.data(finish, { input: { run: startRun.run.id, outputs } });
    return startRun.run.id;
  }

  /** States flows by hand: each pair from the first to the second. */
  async flow(...pairs: readonly (readonly [string, string])[]): Promise<void> {
    const query = 'mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source } } }';
    await this.client.data(query, { input: { flows: pairs.map(([source, target]) => ({ source, target })) } });
  }

  private async register(kind: Kind, name: string, more: Record<string, unknown>): Promise<SeededAsset> {
    const member = kind.toLowerCase();
    const query = `mutation ($input: Register${kind}Input!) { made: register${kind}(input: $input) { asset: ${member} { id urn } } }`;
    const input = { namespace: this.namespace, name, ...more };
    return (await this.client.data<{ made: { asset: SeededAsset } }>(query, { input })).made.asset;
  }
}
