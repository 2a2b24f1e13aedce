import { type Actor, viewerOf } from '../../auth/actor.js';
import { type Clocks, shownThen } from '../../catalog/model/as-of.js';
import { refParameters } from '../../catalog/assets/asset.repository.js';
import { type AssetKind } from '../../catalog/model/urn.js';
import { decodeVersion } from '../../catalog/versions/version.repository.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import { decodeRelease } from '../../deployment/releases/release.repository.js';
import { decodeCheck, worstOf } from '../../lineage/runs/input-check.js';
import { decodeRun, runAsThen } from '../../lineage/runs/run.repository.js';
import { DEPLOYMENTS_TRAINED_ON, TRAINED_ON } from './trained-on.cypher.js';
import type { Answered, ServedTraining, TrainedOn, VersionsOf } from './trained-on.js';
import { mapInTurns } from '../../turn.js';

/** The answer with the kind of the asset that the question starts from, and with how many of its versions. */
export type AnsweredFrom<T> = Answered<T> & { kind: AssetKind; versions: number };

export interface Window {
  first: number;
  after: { depth: number; id: string } | null;
}

export class TrainedOnRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** null: there is nothing to start from that the actor may know of. `then`: runs and assets are shown as they were. */
  async trainedOn(
    actor: Actor,
    of: VersionsOf,
    clocks: Clocks & { then: Date | null },
    window: Window,
  ): Promise<AnsweredFrom<TrainedOn> | null> {
    const { then, ...times } = clocks;
    const row = await this.ask(actor, TRAINED_ON, of, window, { ...times });
    return row && (await decodeAnswer(row, (node) => decodeTrainedOn(node, then, times.knownAt)));
  }

  /** null as for `trainedOn`. `servedAt`: what served then; null: what ever did. */
  async deployments(
    actor: Actor,
    of: VersionsOf,
    clocks: Clocks & { servedAt: Date | null; then: Date | null },
    window: Window,
  ): Promise<AnsweredFrom<ServedTraining> | null> {
    const { then, ...times } = clocks;
    const row = await this.ask(actor, DEPLOYMENTS_TRAINED_ON, of, window, { ...times });
    return row && (await decodeAnswer(row, (node) => decodeServed(node, clocks.knownAt, then)));
  }

  private async ask(actor: Actor, cypher: string, of: VersionsOf, window: Window, times: Parameters) {
    const rows = await this.graph.read(actor.origin, cypher, {
      ...times,
      version: 'version' in of ? of.version : '',
      ...('asset' in of ? { ...refParameters(of.asset), named: of.named } : { ref: '', key: '', named: null }),
      first: window.first,
      afterDepth: window.after?.depth ?? null,
      afterId: window.after?.id ?? null,
      viewer: viewerOf(actor),
      now: this.now(),
    });
    return rows[0] ?? null;
  }
}

async function decodeAnswer<T>(row: Row, decode: (node: Row) => T | Promise<T>): Promise<AnsweredFrom<T>> {
  return {
    kind: row.text('kind') as AssetKind,
    versions: row.int('versions'),
    nodes: await mapInTurns(row.rows('nodes'), decode),
    total: row.int('total'),
    hidden: row.int('hidden'),
    cutByDepth: row.int('cutByDepth'),
    hasPrevious: row.flag('hasPrevious'),
    hasNext: row.flag('hasNext'),
  };
}

async function decodeTrainedOn(row: Row, then: Date | null, knownAt: Date): Promise<TrainedOn> {
  const until = then && then < knownAt ? then : knownAt;
  const hiddenRuns = row.int('hiddenRuns');
  const checks = row.rows('uses').map((used) => decodeCheck(used, until));
  return {
    version: shownThen(decodeVersion(row.row('version')), then),
    distance: row.int('distance'),
    runs: await mapInTurns(row.rows('runs'), (run) => shownThen(runAsThen(decodeRun(run), then), then)),
    hiddenRuns,
    check: worstOf(checks, hiddenRuns),
  };
}

/** An end that was recorded later than what is known is not there. */
function decodeServed(row: Row, knownAt: Date, then: Date | null): ServedTraining {
  const release = decodeRelease(row.row('release'));
  const until = release.until && release.until <= knownAt ? release.until : null;
  return { release: shownThen({ ...release, until }, then), distance: row.int('distance') };
}
