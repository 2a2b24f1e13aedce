import type { Actor } from '../../auth/actor.js';
import { clocksOf } from '../../catalog/model/as-of.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Statements } from '../../neo4j/statements.js';
import { covers, type Dimensions, joinOf } from './dimensions.js';
import type { EffectiveRepository, Step } from './effective.repository.js';
import type { LineFacts } from './facts.js';
import type { Declaration, EffectiveLabels, LabelClocks, LabelValue, Origin } from './label.js';
import { type Arrival, follow, type Followed } from './propagation.js';

/** A way from where a label was declared, with what of it the viewer may not see left out. */
export interface Witness {
  steps: { step: Step | null; field: string | null }[];
  grantIds: readonly string[];
}

/** What follows for one thing, with what is needed to tell the way of each part. */
export interface FollowedLine {
  clocks: LabelClocks;
  rolledUp: boolean;
  /** Of a field, its data set. */
  table?: string;
  facts: LineFacts;
  byDimension: ReadonlyMap<string, Followed>;
}

/** What follows from labels up the line: computed each time, never kept. */
export class EffectiveLabelsReader {
  constructor(
    private readonly graph: Graph,
    private readonly rows: EffectiveRepository,
    private readonly dimensions: Dimensions,
    private readonly now: () => Date,
  ) {}

  /**
   * What holds of several versions together, such as the inputs of a launch: read within the caller's transaction, of all there is,
   * whoever may see it. An id that leads nowhere leaves every dimension unknown.
   */
  async ofVersions(statements: Statements, ids: readonly string[], clocks: LabelClocks): Promise<EffectiveLabels> {
    const [facts] = await this.rows.ofVersions(statements, [ids], clocks);
    return facts ? this.labelsOf(facts) : {};
  }

  /** The same of an asset: all its versions, what a deployment serves, or what feeds it. */
  async ofAsset(statements: Statements, id: string, clocks: LabelClocks): Promise<EffectiveLabels> {
    const facts = (await this.rows.ofAssets(statements, [id], clocks)).get(id);
    return facts ? this.labelsOf(facts) : {};
  }

  /** What is declared now of an asset, or of a version with its asset. */
  declaredOf(statements: Statements, id: string): Promise<Declaration[]> {
    return this.rows.declaredOf(statements, id);
  }

  /**
   * Dimensions in which an asset, or a version with its asset, declares less than what goes in; null: of one in which it declares
   * something, what goes in says nothing. What declares nothing says no less than what goes in.
   */
  writtenDown(declared: readonly Declaration[], above: EffectiveLabels): readonly string[] | null {
    const said = this.dimensions.all.flatMap((dimension) => {
      const values = declared.filter((each) => each.dimension === dimension.name && each.field === null);
      const [first, ...more] = values.map(({ value }) => value);
      const value = first === undefined ? null : more.reduce((all, each) => joinOf(dimension, all, each), first);
      const label = above[dimension.name];
      return value === null || label === undefined ? [] : [{ dimension, value, label }];
    });
    if (said.some(({ label }) => label.unknown)) return null;
    return said.flatMap(({ dimension, value, label }) =>
      label.value === null || covers(dimension, value, label.value) ? [] : [dimension.name],
    );
  }

  /** For who asks: what they may not see counts, and is told as hidden. Throws BAD_USER_INPUT for a clock in the future. */
  async follow(
    actor: Actor,
    of: 'version' | 'asset' | 'field',
    ids: readonly string[],
    asked: LabelClocks,
  ): Promise<Map<string, FollowedLine>> {
    const clocks = this.clocksOf(actor, asked);
    const reader = this.graph.reader(actor.origin);
    if (of === 'field') return this.followFields(actor, ids, clocks);
    const groups = ids.map((id) => [id]);
    const facts =
      of === 'asset'
        ? await this.rows.ofAssets(reader, ids, clocks, actor)
        : new Map(
            (await this.rows.ofVersions(reader, groups, clocks, actor)).map((each, index) => [ids[index] ?? '', each]),
          );
    const followed = (each: LineFacts): FollowedLine => ({
      ...{ clocks, rolledUp: of === 'asset', facts: each, byDimension: follow(this.dimensions, each) },
    });
    return new Map([...facts].map(([id, each]) => [id, followed(each)]));
  }

  /** Of fields of data sets, each with all versions of its data set. */
  private async followFields(actor: Actor, ids: readonly string[], clocks: LabelClocks) {
    const reader = this.graph.reader(actor.origin);
    const tables = await this.rows.tablesOf(reader, ids, actor);
    const facts = await this.rows.ofAssets(reader, [...new Set(tables.values())], clocks, actor);
    return new Map(
      [...tables].flatMap(([id, table]): [string, FollowedLine][] => {
        const of = facts.get(table);
        if (of === undefined) return [];
        return [[id, { clocks, rolledUp: true, table, facts: of, byDimension: follow(this.dimensions, of, id) }]];
      }),
    );
  }

  /** By the id of each field that the actor may see, its data set. */
  tablesOf(actor: Actor, ids: readonly string[]): Promise<Map<string, string>> {
    return this.rows.tablesOf(this.graph.reader(actor.origin), ids, actor);
  }

  /** One shortest way of a part of a label. */
  async witness(actor: Actor, id: string, line: FollowedLine, arrival: Arrival): Promise<Witness> {
    const reader = this.graph.reader(actor.origin);
    const { rolledUp, table, facts, clocks } = line;
    const to = rolledUp ? [table ?? id] : facts.rootIds;
    const way = { from: arrival.at, to, byAssets: facts.isByAssets, rolledUp };
    const path = arrival.path ?? (await this.rows.witness(reader, way, clocks));
    const steps = await this.rows.steps(reader, [...path, ...arrival.grants], actor);
    const visible = (each: string): Step | null => {
      const step = steps.get(each);
      return step?.isVisible ? step : null;
    };
    const told = path.map((each, index) => {
      const step = visible(each);
      return { step, field: step && (arrival.columns[index] ?? null) };
    });
    return { steps: told, grantIds: arrival.grants.filter((id) => visible(id) !== null) };
  }

  /** The clocks as they are asked with: null where it is now. Throws BAD_USER_INPUT. */
  clocksOf(actor: Actor, { validAt, knownAt }: LabelClocks): LabelClocks {
    const { asOf, knownAt: known } = clocksOf(actor, { asOf: validAt, knownAt }, this.now());
    const isNow = validAt === null && knownAt === null && !actor.readsAsOf;
    return isNow ? { validAt: null, knownAt: null } : { validAt: asOf, knownAt: known };
  }

  private labelsOf(facts: LineFacts): EffectiveLabels {
    const followed = [...follow(this.dimensions, facts)];
    return Object.fromEntries(
      followed.map(([name, { arrivals, ...label }]) => {
        const seen = arrivals.filter(({ said }) => said.isVisible);
        return [name, { ...label, origins: seen.map(originOf), hiddenOrigins: arrivals.length - seen.length }];
      }),
    );
  }
}

function originOf({ said, value, at, depth, precision, path, columns }: Arrival): Origin {
  const { id, assetId, versionId, field } = said;
  const origin: { value: LabelValue } = { value };
  const way = path?.map((step, index) => ({ id: step, field: columns[index] ?? null })) ?? null;
  return { declarationId: id, ...origin, assetId, versionId, field, at, depth, precision, way };
}
