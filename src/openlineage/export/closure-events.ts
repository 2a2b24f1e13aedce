import type { Actor } from '../../auth/actor.js';
import type { Clocks } from '../../catalog/model/as-of.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import type { Outgoing } from '../../importers/events/outgoing.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Statements } from '../../neo4j/statements.js';
import type { EventsOfFacts } from '../outgoing/events-of-facts.js';
import type { FactsRepository, Part } from '../outgoing/facts.repository.js';
import type { AssetFacts, QualityFact } from '../outgoing/facts.js';

/** The assets that are told of: those that the caller may see. */
export interface Closure {
  root: Asset;
  kinds: ReadonlyMap<string, AssetKind>;
  /** How many more there are that they may not see. */
  withheldAssets: number;
}

/** Read at once: so much is in memory, however large the lineage is. */
const CHUNK = { assets: 50, versions: 500, runs: 50, releases: 200, columns: 2_000, quality: 500 };
const FIRST = '';

/** Makes the events of a closure, a part of it after the other: what things are, then what flowed, then how good it was. */
export class ClosureEvents {
  constructor(
    private readonly graph: Graph,
    private readonly facts: FactsRepository,
    private readonly events: EventsOfFacts,
  ) {}

  /** Makes the same as of two clocks; null: as it is now. */
  asOf(clocks: Clocks | null): ClosureEvents {
    return new ClosureEvents(this.graph, this.facts.asOf(clocks), this.events);
  }

  async *of(actor: Actor, closure: Closure): AsyncGenerator<Outgoing> {
    const from = this.graph.reader(actor.origin);
    const idsOf = (...kinds: AssetKind[]): string[] =>
      [...closure.kinds].filter(([, kind]) => kinds.includes(kind)).map(([id]) => id);
    for await (const facts of this.assets(from, actor, idsOf('DATASET', 'MODEL'))) {
      yield this.events.asset(facts);
      yield* this.versions(from, actor, facts.asset.id);
    }
    for await (const { asset } of this.assets(from, actor, idsOf('TRANSFORMATION'))) {
      yield* this.flows(from, actor, asset, closure);
      yield* this.runs(from, actor, asset.id, closure);
    }
    for await (const { asset } of this.assets(from, actor, idsOf('DEPLOYMENT')))
      yield* this.serving(from, actor, asset, closure);
    for await (const { asset } of this.assets(from, actor, idsOf('DATASET'))) yield* this.quality(from, actor, asset);
    const [root] = await this.facts.assets(from, actor, [closure.root.id]);
    if (!root) return;
    const { kinds, withheldAssets } = closure;
    yield this.events.exported(root, { assets: kinds.size, withheldAssets });
  }

  private async *assets(from: Statements, actor: Actor, ids: readonly string[]): AsyncGenerator<AssetFacts> {
    for (let start = 0; start < ids.length; start += CHUNK.assets)
      yield* await this.facts.assets(from, actor, ids.slice(start, start + CHUNK.assets));
  }

  private async *versions(from: Statements, actor: Actor, assetId: string): AsyncGenerator<Outgoing> {
    const read = (part: Part): Promise<[string, Outgoing][]> =>
      this.facts
        .versionsOf(from, actor, assetId, part)
        .then((found) => found.map(([id, version]): [string, Outgoing] => [id, this.events.version(version)]));
    for await (const [, event] of inParts(read, ([id]) => id, CHUNK.versions)) yield event;
  }

  /** What flows through a transformation, and its columns in parts: one event holds no more than can be taken in. */
  private async *flows(from: Statements, actor: Actor, job: Asset, { kinds }: Closure): AsyncGenerator<Outgoing> {
    const all = await this.facts.flowsOf(from, actor, job.id);
    const flows = {
      inputs: all.inputs.filter(({ id }) => kinds.has(id)),
      outputs: all.outputs.filter(({ id }) => kinds.has(id)),
      since: all.since,
    };
    yield this.events.flows(job, flows);
    for (const output of flows.outputs.filter(({ kind }) => kind === 'DATASET')) {
      for (let skipped = 0; ; skipped += CHUNK.columns) {
        const flow = { assetId: job.id, dataset: output.id };
        const found = await this.facts.columnsOf(from, actor, flow, { skipped, chunk: CHUNK.columns });
        const columns = found.filter(({ source }) => kinds.has(source.id));
        if (columns.length > 0) yield this.events.flows(job, { ...flows, outputs: [output] }, columns);
        if (found.length < CHUNK.columns) break;
      }
    }
  }

  private async *runs(from: Statements, actor: Actor, assetId: string, { kinds }: Closure): AsyncGenerator<Outgoing> {
    const read = (part: Part): Promise<string[]> => this.facts.runIdsOf(from, actor, assetId, part);
    for await (const ids of chunksOf(read, (id) => id, CHUNK.runs)) {
      for (const facts of await this.facts.runs(from, actor, ids)) {
        const told = {
          ...facts,
          read: facts.read.filter(({ id }) => kinds.has(id)),
          made: facts.made.filter(({ id }) => kinds.has(id)),
        };
        const both = [this.events.runBegan(told, 'START'), this.events.runEnded(told)];
        yield* both.filter((event) => event !== null);
      }
    }
  }

  /** Releases, and what feeds the deployment without one. */
  private async *serving(from: Statements, actor: Actor, job: Asset, { kinds }: Closure): AsyncGenerator<Outgoing> {
    const released = new Set<string>();
    const read = (part: Part): Promise<string[]> => this.facts.releaseIdsOf(from, actor, job.id, part);
    for await (const ids of chunksOf(read, (id) => id, CHUNK.releases)) {
      for (const facts of await this.facts.releases(from, actor, ids)) {
        released.add(facts.release.modelId);
        // Of a model that is not among them nothing is told.
        if (facts.version && kinds.has(facts.version.id)) yield* this.events.releaseEvents(facts);
      }
    }
    const { inputs, outputs, since } = await this.facts.flowsOf(from, actor, job.id);
    yield this.events.flows(job, {
      inputs: inputs.filter(({ id }) => kinds.has(id) && !released.has(id)),
      outputs: outputs.filter(({ id }) => kinds.has(id)),
      since,
    });
  }

  /** What one source measured at one time of one version is one event. */
  private async *quality(from: Statements, actor: Actor, dataset: Asset): AsyncGenerator<Outgoing> {
    let together: QualityFact[] = [];
    const read = (part: Part): Promise<[string, QualityFact][]> => this.facts.qualityOf(from, actor, dataset.id, part);
    for await (const [, fact] of inParts(read, ([key]) => key, CHUNK.quality)) {
      const [first] = together;
      if (first && (occasionOf(first) !== occasionOf(fact) || together.length === CHUNK.quality)) {
        yield this.events.quality(dataset, together);
        together = [];
      }
      together.push(fact);
    }
    if (together.length > 0) yield this.events.quality(dataset, together);
  }
}

const occasionOf = ({ result, version }: QualityFact): string =>
  JSON.stringify([result.measuredAt.toISOString(), result.source, version]);

/** What is read part by part, one after the other; `placeOf` is where the next part begins. */
async function* inParts<T>(
  read: (part: Part) => Promise<T[]>,
  placeOf: (item: T) => string,
  chunk: number,
): AsyncGenerator<T> {
  for await (const items of chunksOf(read, placeOf, chunk)) yield* items;
}

async function* chunksOf<T>(
  read: (part: Part) => Promise<T[]>,
  placeOf: (item: T) => string,
  chunk: number,
): AsyncGenerator<T[]> {
  for (let behind = FIRST; ;) {
    const items = await read({ behind, chunk });
    const last = items.at(-1);
    if (last === undefined) return;
    yield items;
    if (items.length < chunk) return;
    behind = placeOf(last);
  }
}
