import { type Actor, viewerOf } from '../../auth/actor.js';
import { type Clocks, shownThen } from '../../catalog/model/as-of.js';
import type { Version } from '../../catalog/versions/version.js';
import { decodeVersion } from '../../catalog/versions/version.repository.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import { hopLimit } from '../trace/hops.js';
import type { Direction } from '../trace/lineage.js';
import { PROVENANCE } from './provenance.cypher.js';
import { decodeCheck, type InputCheck } from './input-check.js';
import type { Run } from './run.js';
import { decodeRun, runAsThen } from './run.repository.js';
import { indexInTurns, mapInTurns } from '../../turn.js';

/** From a version to a run that read it, or from a run to a version it made. */
export interface ProvenanceFlow {
  source: string;
  target: string;
  /** Of what was read; null for what was made, and where an end is hidden. */
  check: InputCheck | null;
}

export interface ProvenanceRow {
  versions: Version[];
  runs: Run[];
  edges: ProvenanceFlow[];
  /** Hidden versions and runs within the depth, shown or not. */
  hidden: number;
  /** Those of them that edges may touch. */
  hiddenIds: string[];
  cutByDepth: number;
  cut: boolean;
}

export interface ProvenanceQuestion extends Clocks {
  direction: Direction;
  depth: number;
  limit: number;
  /** Runs, and the assets of all, are shown as they were then; null: as they are now. */
  then: Date | null;
}

export class ProvenanceRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** The provenance of each version that the actor may see and of which anything is recorded. */
  async of(
    actor: Actor,
    versionIds: readonly string[],
    question: ProvenanceQuestion,
  ): Promise<Map<string, ProvenanceRow>> {
    const { direction, depth, limit, asOf, knownAt, then } = question;
    const parameters = { ids: versionIds, depth, limit, asOf, knownAt, viewer: viewerOf(actor), now: this.now() };
    const rows = await this.graph.read(actor.origin, PROVENANCE(direction, hopLimit(depth)), parameters);
    return indexInTurns(
      rows,
      (row) => row.text('id'),
      (row) => decodeProvenance(row, { then, knownAt }),
    );
  }
}

async function decodeProvenance(
  row: Row,
  { then, knownAt }: { then: Date | null; knownAt: Date },
): Promise<ProvenanceRow> {
  const edges = await mapInTurns(row.rows('edges'), (edge) =>
    decodeEdge(edge, then && then < knownAt ? then : knownAt),
  );
  return {
    versions: await mapInTurns(row.rows('versions'), (version) => shownThen(decodeVersion(version), then)),
    runs: await mapInTurns(row.rows('runs'), (run) => shownThen(runAsThen(decodeRun(run), then), then)),
    edges: edges.sort(bySourceAndTarget),
    hidden: row.int('hidden'),
    hiddenIds: row.texts('hiddenIds'),
    cutByDepth: row.int('cutByDepth'),
    cut: row.flag('cut'),
  };
}

/** The same question is answered in the same words: the database tells flows as it comes upon them. */
const bySourceAndTarget = (a: ProvenanceFlow, b: ProvenanceFlow): number =>
  compared(a.source, b.source) || compared(a.target, b.target);

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function decodeEdge(edge: Row, knownAt: Date): ProvenanceFlow {
  const used = edge.maybeRow('used');
  return { source: edge.text('source'), target: edge.text('target'), check: used && decodeCheck(used, knownAt) };
}
