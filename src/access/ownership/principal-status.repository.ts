import { ROLES } from '../../auth/actor.js';
import type { Graph, QueryOrigin, WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import { STANDINGS } from './principal-status.cypher.js';
import type { PrincipalStatus } from './principal-status.js';

export class PrincipalStatusRepository {
  constructor(private readonly graph: Graph) {}

  /** Outside of a transaction; null when there is no such principal. */
  async find(origin: QueryOrigin, id: string): Promise<PrincipalStatus | null> {
    const row = (await this.graph.read(origin, STANDINGS, { ids: [id] }))[0];
    return row ? decodeStanding(row) : null;
  }

  /** By id, those that exist. */
  async of(tx: WriteTransaction, ids: readonly string[]): Promise<Map<string, PrincipalStatus>> {
    const standings = (await tx.run(STANDINGS, { ids })).map(decodeStanding);
    return new Map(standings.map((standing) => [standing.id, standing]));
  }
}

function decodeStanding(row: Row): PrincipalStatus {
  const isTeam = row.flag('isTeam');
  const role = ROLES.find((each) => each === row.maybeText('role')) ?? 'MEMBER';
  return {
    id: row.text('id'),
    name: row.text('name'),
    role: isTeam ? null : role,
    isTeam,
    disabledAt: row.maybeTime('disabledAt'),
    teams: row.rows('teams').map((team) => ({ id: team.text('id'), name: team.text('name') })),
    activeMembers: row.int('activeMembers'),
  };
}
