import type { Graph, QueryOrigin } from '../../neo4j/graph.js';
import { decodeJob } from '../jobs/job.decode.js';
import type { TrainingJob } from '../jobs/job.js';
import * as cypher from './stranded.cypher.js';

/** Jobs of one launcher that nobody has looked at since a time. */
export interface Stranded {
  launcher: string;
  before: Date;
  limit: number;
}

export class StrandedRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** How many open jobs wait for each launcher that is not among the known ones and that nobody else attends to. */
  async launchers(
    origin: QueryOrigin,
    asked: { known: readonly string[]; before: Date },
  ): Promise<Map<string, number>> {
    const rows = await this.graph.read(origin, cypher.STRANDED_LAUNCHERS, asked);
    return new Map(rows.map((row) => [row.text('launcher'), row.int('jobs')]));
  }

  async unsubmitted(origin: QueryOrigin, stranded: Stranded): Promise<TrainingJob[]> {
    const rows = await this.graph.read(origin, cypher.STRANDED_UNSUBMITTED, { ...stranded });
    return rows.map((row) => decodeJob(row.row('job')));
  }

  /** Says why they wait, at jobs that were handed over and at others; how many had not been told. */
  async tell(
    origin: QueryOrigin,
    stranded: Stranded,
    said: { unsubmitted: string; submitted: string },
  ): Promise<number> {
    const asked = { ...stranded, ...said, now: this.now() };
    return this.graph.write(origin, async (tx) => (await tx.one(cypher.TELL_STRANDED, asked)).int('told'));
  }
}
