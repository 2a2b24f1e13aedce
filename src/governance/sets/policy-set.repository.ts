import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import type { Statements } from '../../neo4j/statements.js';
import { readStoredAs } from '../../json/stored.js';
import type { PolicyState } from '../gate/gate.js';
import { z } from 'zod';
import * as cypher from './policy-set.cypher.js';
import { type PolicyFault, SET_SOURCES, type StoredPolicySet } from './policy-set.js';

const texts = z.record(z.string(), z.string());
const faults = z.array(
  z.object({ file: z.string(), line: z.number().nullable(), column: z.number().nullable(), message: z.string() }),
);

export class PolicySetRepository extends ActorReads {
  async create(tx: WriteTransaction, { __typename, policies, faults: wrong, ...set }: StoredPolicySet): Promise<void> {
    const policySet = { ...set, policies: JSON.stringify(policies), faults: JSON.stringify(wrong) };
    await tx.run(cypher.CREATE_SET, { policySet });
  }

  /** null: there is none. */
  async byDigest(statements: Statements, digest: string): Promise<StoredPolicySet | null> {
    const [row] = await statements.run(cypher.SET_BY_DIGEST, { digest });
    return row ? decodeSet(row.row('policySet')) : null;
  }

  /** null: there is none. */
  async byId(statements: Statements, id: string): Promise<StoredPolicySet | null> {
    const [row] = await statements.run(cypher.SET_BY_ID, { id });
    return row ? decodeSet(row.row('policySet')) : null;
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, StoredPolicySet>> {
    const rows = await this.read(actor, cypher.SETS_BY_ID, { ids });
    return new Map(rows.map((row) => [row.row('policySet').text('id'), decodeSet(row.row('policySet'))]));
  }

  async list(actor: Actor, page: Page): Promise<PageRows<StoredPolicySet>> {
    const statement = pageStatement(cypher.LIST_SETS, page);
    const rows = await this.read(actor, statement.cypher, statement.window);
    return cutPage(
      rows.map((row) => decodeSet(row.row('policySet'))),
      page,
    );
  }

  async count(actor: Actor): Promise<number> {
    return (await this.read(actor, cypher.COUNT_SETS, {}))[0]?.int('total') ?? 0;
  }

  async changeState(tx: WriteTransaction, changes: Partial<PolicyState>): Promise<void> {
    await tx.run(cypher.CHANGE_STATE, { changes });
  }
}

function decodeSet(row: Row): StoredPolicySet {
  const unreadable = (why: string): PolicyFault[] => [{ file: '', line: null, column: null, message: why }];
  const broken: PolicyFault[] = [];
  const policies = readStoredAs(row.text('policies'), texts, (why) => {
    broken.push(...unreadable(why));
    return {};
  });
  return {
    __typename: 'PolicySet',
    ...{ id: row.text('id'), digest: row.text('digest'), policies, schema: row.text('schema') },
    source: SET_SOURCES.find((source) => source === row.text('source')) ?? 'UPLOAD',
    faults: [...readStoredAs(row.text('faults'), faults, unreadable), ...broken],
    uploadedById: row.text('uploadedById'),
    uploadedAt: row.time('uploadedAt'),
  };
}
