import type { Client } from '../client.js';
import { Seed } from '../seed.js';
import type { Event, Flow, Moment, Selection } from './events.js';

/** Lets the events of a history happen in Weftline, through its API, and keeps which id stands for which short name. */
export class Replay {
  private readonly ids = new Map<string, string>();
  private readonly names = new Map<string, string>();
  private readonly seed: Seed;

  constructor(
    private readonly builder: Client,
    /** Takes back everything of a source, and makes anyone an owner, which only an ADMIN may. */
    private readonly admin: Client,
    people: ReadonlyMap<string, Client>,
    readonly namespace: string,
    /** The time of a moment. */
    readonly timeOf: (moment: Moment) => string,
  ) {
    this.seed = new Seed(builder, namespace);
    for (const [name, { userId }] of people) this.keep(name, userId);
  }

  id(name: string): string {
    const id = this.ids.get(name);
    if (id === undefined) throw new Error(`The server was not told of "${name}".`);
    return id;
  }

  /** The short name; the id itself when it stands for nothing of this history. */
  name(id: string): string {
    return this.names.get(id) ?? id;
  }

  /** Claim sources are told apart by the history too: a source may take back everything it ever said. */
  source(name: string): string {
    return `${name} of ${this.namespace}`;
  }

  async apply(event: Event): Promise<void> {
    switch (event.do) {
      case 'register': {
        const register = {
          DATASET: 'dataset',
          TRANSFORMATION: 'transformation',
          MODEL: 'model',
          DEPLOYMENT: 'deployment',
        } as const;
        const { id } = await this.seed[register[event.kind]](event.asset, { visibility: 'DISCOVERABLE' });
        this.keep(event.asset, id);
        return;
      }
      case 'rename':
        return this.mutate('renameAsset', 'RenameAssetInput', { ref: this.id(event.asset), name: event.name });
      case 'retire':
        return this.mutate('retireAsset', 'RetireAssetInput', { ref: this.id(event.asset), retired: event.retired });
      case 'tag':
        return this.mutate('updateAsset', 'UpdateAssetInput', { ref: this.id(event.asset), tags: event.tags });
      case 'restrict': {
        const visibility = event.restricted ? 'RESTRICTED' : 'DISCOVERABLE';
        return this.mutate('updateAsset', 'UpdateAssetInput', { ref: this.id(event.asset), visibility });
      }
      case 'own': {
        const owners = event.owners.map((owner) => ({ owner: this.id(owner) }));
        return this.mutate('setOwners', 'SetOwnersInput', { ref: this.id(event.asset), owners }, this.admin);
      }
      case 'claim':
        return this.mutate('claimLineage', 'ClaimLineageInput', this.claimInput(event));
      case 'retract': {
        const from = event.from === null ? {} : { from: this.timeOf(event.from) };
        const input = { claimSource: this.source(event.source), ...this.selection(event.what), ...from };
        const as = 'everything' in event.what ? this.admin : this.builder;
        return this.mutate('retractLineage', 'RetractLineageInput', input, as);
      }
      case 'publish': {
        const isModel = event.asset.startsWith('m');
        const asset = this.id(event.asset);
        const version = isModel
          ? this.seed.modelVersion(asset, event.version)
          : this.seed.datasetVersion(asset, event.version);
        this.keep(event.version, await version);
        return;
      }
      case 'start': {
        const query = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
        const { startRun } = await this.builder.data<{ startRun: { run: { id: string } } }>(query, {
          input: {
            transformation: this.id(event.transformation),
            inputs: event.inputs.map((input) => this.id(input)),
            startedAt: this.timeOf(event.startedAt),
          },
        });
        this.keep(event.run, startRun.run.id);
        return;
      }
      case 'finish':
        return this.mutate('finishRun', 'FinishRunInput', {
          run: this.id(event.run),
          outputs: event.outputs.map((output) => this.id(output)),
        });
      case 'deploy':
        return this.mutate('deployModel', 'DeployModelInput', {
          modelVersion: this.id(event.version),
          deployment: this.id(event.deployment),
        });
    }
  }

  private claimInput({ source, flows, scope, run, transformation, from, until }: Event & { do: 'claim' }) {
    return {
      claimSource: this.source(source),
      flows: this.flows(flows),
      ...(scope === 'FLOWS' ? {} : { scope }),
      ...(run === null ? {} : { run: this.id(run) }),
      ...(transformation === null ? {} : { transformation: this.id(transformation) }),
      ...(from === null ? {} : { validFrom: this.timeOf(from) }),
      ...(until === null ? {} : { validUntil: this.timeOf(until) }),
    };
  }

  private selection(what: Selection): Record<string, unknown> {
    if ('flows' in what) return { flows: this.flows(what.flows) };
    if ('run' in what) return { run: this.id(what.run) };
    return 'everything' in what ? { everything: true } : { transformation: this.id(what.transformation) };
  }

  private flows(flows: readonly Flow[]): Flow[] {
    return flows.map(({ source, target }) => ({ source: this.id(source), target: this.id(target) }));
  }

  private async mutate(name: string, type: string, input: Record<string, unknown>, as = this.builder): Promise<void> {
    await as.data(`mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`, { input });
  }

  private keep(name: string, id: string): void {
    this.ids.set(name, id);
    this.names.set(id, name);
  }
}
