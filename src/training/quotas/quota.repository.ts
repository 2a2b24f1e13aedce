import type { Graph, QueryOrigin, WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters, Statements } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import { OPEN_STATES } from '../jobs/job.js';
import * as cypher from './quota.cypher.js';
import { periodAround, type Quota, QUOTA_PERIODS, type QuotaStanding } from './quota.js';

type NamedQuota = Quota & { teamName: string };

export class QuotaRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** The name of the team, which is locked for the rest of the transaction; null when there is none. */
  async lockTeam(tx: WriteTransaction, teamId: string): Promise<string | null> {
    return (await tx.first(cypher.LOCK_TEAM, { teamId, now: this.now() }))?.text('name') ?? null;
  }

  async find(tx: WriteTransaction, teamId: string, launcher: string | null): Promise<Quota | null> {
    const row = await tx.first(cypher.FIND_QUOTA, { key: keyOf(teamId, launcher) });
    return row ? decodeQuota(row.row('quota')) : null;
  }

  async write(tx: WriteTransaction, quota: Quota): Promise<void> {
    await tx.run(cypher.WRITE_QUOTA, { key: keyOf(quota.teamId, quota.launcher), quota });
  }

  async remove(tx: WriteTransaction, teamId: string, launcher: string | null): Promise<void> {
    await tx.run(cypher.REMOVE_QUOTA, { key: keyOf(teamId, launcher) });
  }

  /** The quotas of the teams that a job of the launcher falls under; `lock`: nobody else takes of them before the end. */
  async forLaunch(
    statements: Statements,
    { lock, ...asked }: { teamIds: readonly string[]; launcher: string | null; lock: boolean },
  ): Promise<QuotaStanding[]> {
    const statement = lock ? cypher.LOCK_QUOTAS : cypher.QUOTAS_OF;
    return this.withUse(statements, (await statements.run(statement, this.timed(asked))).map(decodeNamed));
  }

  async of(origin: QueryOrigin, teamIds: readonly string[]): Promise<QuotaStanding[]> {
    return this.forLaunch(this.graph.reader(origin), { teamIds, launcher: null, lock: false });
  }

  async all(origin: QueryOrigin): Promise<QuotaStanding[]> {
    const reader = this.graph.reader(origin);
    return this.withUse(reader, (await reader.run(cypher.ALL_QUOTAS, {})).map(decodeNamed));
  }

  /** The names of those of the ids that are teams. */
  async teamsAmong(statements: Statements, ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await statements.run(cypher.TEAMS_AMONG, { ids });
    return new Map(rows.map((row) => [row.text('id'), row.text('name')]));
  }

  private async withUse(statements: Statements, quotas: readonly NamedQuota[]): Promise<QuotaStanding[]> {
    if (quotas.length === 0) return [];
    const timed = quotas.map((quota) => ({ ...quota, time: periodAround(quota.period, this.now()) }));
    const wanted = timed.map(({ teamId, launcher, time }) => ({ teamId, launcher, from: time.from }));
    const rows = await statements.run(cypher.USE_OF_QUOTAS, { wanted, open: OPEN_STATES });
    const uses = new Map(rows.map((row) => [row.int('place'), row]));
    return timed.map(({ time, ...quota }, place) => {
      const row = uses.get(place);
      const use = {
        openGpus: row?.int('openGpus') ?? 0,
        usedGpuSeconds: row?.maybeFloat('used') ?? 0,
        reservedGpuSeconds: row?.maybeFloat('reserved') ?? 0,
      };
      return { ...quota, use: { ...time, ...use } };
    });
  }

  private timed(parameters: Parameters): Parameters {
    return { ...parameters, now: this.now() };
  }
}

function keyOf(teamId: string, launcher: string | null): string {
  return `${teamId}:${launcher ?? ''}`;
}

function decodeNamed(row: Row): NamedQuota {
  return { ...decodeQuota(row), teamName: row.text('teamName') };
}

function decodeQuota(row: Row): Quota {
  return {
    teamId: row.text('teamId'),
    launcher: row.maybeText('launcher'),
    runningGpus: row.maybeInt('runningGpus'),
    gpuHours: row.maybeFloat('gpuHours'),
    period: QUOTA_PERIODS.find((period) => period === row.text('period')) ?? 'MONTH',
    changedAt: row.time('changedAt'),
  };
}
