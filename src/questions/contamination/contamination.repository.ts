import { type Actor, viewerOf } from '../../auth/actor.js';
import { type Clocks, shownThen } from '../../catalog/model/as-of.js';
import { decodeVersion } from '../../catalog/versions/version.repository.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import { CONTAMINATION } from './contamination.cypher.js';
import { type Contamination, type Finding, FINDING_KINDS, type FindingPlace, type Verdict } from './contamination.js';
import { mapInTurns } from '../../turn.js';

export interface ContaminationQuestion extends Clocks {
  train: string;
  evaluation: string;
  /** Assets are shown as they were then; null: as they are. */
  then: Date | null;
  /** Findings to return. */
  first: number;
  after: FindingPlace | null;
}

export class ContaminationRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** null: one of the two versions is not there for the actor. `ofData`: the evaluation is a version of a data set. */
  async between(
    actor: Actor,
    question: ContaminationQuestion,
  ): Promise<{ ofData: boolean; answer: Contamination } | null> {
    const { then, ...asked } = question;
    const parameters = { ...asked, viewer: viewerOf(actor), now: this.now() };
    const row = (await this.graph.read(actor.origin, CONTAMINATION, parameters))[0];
    if (!row) return null;
    const answer = {
      verdict: verdictOf(row),
      findings: await mapInTurns(row.rows('shown'), (finding) => decodeFinding(finding, then)),
      totalCount: row.int('total'),
      hiddenFindings: row.int('hidden'),
      hasPrevious: question.after !== null,
      hasNext: row.flag('hasNext'),
    };
    return { ofData: row.texts('evaluationLabels').includes('DatasetVersion'), answer };
  }
}

function verdictOf(row: Row): Verdict {
  if (row.flag('contaminated')) return 'CONTAMINATED';
  if (row.flag('related')) return 'RELATED';
  return row.flag('unexplained') ? 'UNKNOWN' : 'NOTHING_FOUND';
}

function decodeFinding(row: Row, then: Date | null): Finding {
  const kind = row.text('kind');
  return {
    kind: FINDING_KINDS.find((each) => each === kind) ?? 'SHARED_ANCESTOR',
    version: shownThen(decodeVersion(row.row('version')), then),
    evaluationVersion: shownThen(decodeVersion(row.row('other')), then),
    trainDistance: row.int('trainDistance'),
    evaluationDistance: row.int('evaluationDistance'),
  };
}
