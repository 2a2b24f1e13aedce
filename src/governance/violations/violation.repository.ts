import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { Row } from '../../neo4j/row.js';
import * as cypher from './violation.cypher.js';
import { decodeViolation } from './violation.decode.js';
import { type Violation, violationAsThen, type ViolationFilter } from './violation.js';

const conditionsOf = ({ policy, state }: Omit<ViolationFilter, 'deploymentId'>) => ({
  policy,
  isOpen: state === null ? null : state === 'OPEN',
});

/** Finds violations for whoever sees the deployment. */
export class ViolationRepository extends ActorReads {
  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Violation>> {
    const rows = await this.read(actor, cypher.VIOLATIONS_BY_ID, { ids });
    return new Map(rows.map((row) => [row.row('violation').text('id'), seen(actor, row.row('violation'))]));
  }

  async list(actor: Actor, filter: Omit<ViolationFilter, 'deploymentId'>, page: Page): Promise<PageRows<Violation>> {
    const statement = pageStatement(cypher.LIST_VIOLATIONS, page);
    const rows = await this.read(actor, statement.cypher, { ...statement.window, ...conditionsOf(filter) });
    return cutPage(
      rows.map((row) => seen(actor, row.row('violation'))),
      page,
    );
  }

  async count(actor: Actor, filter: Omit<ViolationFilter, 'deploymentId'>): Promise<number> {
    return (await this.read(actor, cypher.COUNT_VIOLATIONS, conditionsOf(filter)))[0]?.int('total') ?? 0;
  }

  async on(
    actor: Actor,
    ids: readonly string[],
    filter: Omit<ViolationFilter, 'deploymentId'>,
    page: Page,
  ): Promise<Map<string, PageRows<Violation>>> {
    const statement = pageStatement(cypher.VIOLATIONS_ON, page);
    const asked = { ids, ...statement.window, ...conditionsOf(filter) };
    const rows = await this.read(actor, statement.cypher, asked);
    return new Map(
      rows.map((row) => [
        row.text('id'),
        cutPage(
          row.rows('violations').map((each) => seen(actor, each)),
          page,
        ),
      ]),
    );
  }

  async countOn(
    actor: Actor,
    ids: readonly string[],
    filter: Omit<ViolationFilter, 'deploymentId'>,
  ): Promise<Map<string, number>> {
    const rows = await this.read(actor, cypher.COUNT_VIOLATIONS_ON, { ids, ...conditionsOf(filter) });
    return new Map(rows.map((row) => [row.text('id'), row.int('total')]));
  }
}

const seen = ({ readsAsOf }: Actor, row: Row): Violation => violationAsThen(decodeViolation(row), readsAsOf);
