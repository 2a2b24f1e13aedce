import { type Actor, viewerOf } from '../../auth/actor.js';
import { refParameters } from '../../catalog/assets/asset.repository.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import { FLOW_ENDS } from '../statements/claim.cypher.js';
import { type Flow, REPORT_SCOPES, type StatementRecord } from '../statements/claim.js';
import * as cypher from './claim-history.cypher.js';

/** Which statements are meant. */
export interface StatementsQuestion extends Flow {
  /** null: of every source. */
  claimSource: string | null;
  knownAt: Date;
  /** Also what was taken back by then. */
  includePast: boolean;
}

/** Everything that was ever stated of a flow. */
export class ClaimHistoryRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** Ids of the assets the actor may see, by ref. */
  async visible(actor: Actor, refs: readonly string[]): Promise<Map<string, string>> {
    const parameters = { refs: refs.map(refParameters), viewer: viewerOf(actor), now: this.now() };
    const rows = await this.graph.read(actor.origin, FLOW_ENDS, parameters);
    return new Map(rows.map((row) => [row.text('ref'), row.text('id')]));
  }

  async statements(actor: Actor, question: StatementsQuestion, page: Page): Promise<PageRows<StatementRecord>> {
    const statement = pageStatement(cypher.STATEMENTS_OF, page);
    const parameters = { ...question, ...statement.window, viewer: viewerOf(actor) };
    const rows = await this.graph.read(actor.origin, statement.cypher, parameters);
    return cutPage(
      rows.map((row) => asThen(decodeStatement(row), question.knownAt)),
      page,
    );
  }

  async count(actor: Actor, question: StatementsQuestion): Promise<number> {
    const rows = await this.graph.read(actor.origin, cypher.COUNT_STATEMENTS, {
      ...question,
      viewer: viewerOf(actor),
    });
    return rows[0]?.int('total') ?? 0;
  }
}

/** What was taken back later still stood. */
function asThen(statement: StatementRecord, knownAt: Date): StatementRecord {
  const { retractedAt } = statement;
  return retractedAt && retractedAt > knownAt ? { ...statement, retractedAt: null } : statement;
}

function decodeStatement(row: Row): StatementRecord {
  const stated = row.row('stated');
  const scope = row.text('scope');
  return {
    id: stated.text('id'),
    source: row.text('source'),
    scope: REPORT_SCOPES.find((each) => each === scope) ?? 'FLOWS',
    runId: row.maybeText('runId'),
    byId: row.maybeText('byId'),
    validFrom: stated.time('validFrom'),
    validUntil: stated.maybeTime('validUntil'),
    coveredFrom: row.maybeTime('coveredFrom'),
    recordedAt: stated.time('recordedAt'),
    retractedAt: stated.maybeTime('retractedAt'),
  };
}
