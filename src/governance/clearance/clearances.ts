import type { Statements } from '../../neo4j/statements.js';
import * as cypher from './clearance.cypher.js';
import type { ClearanceFile, Place } from './clearance-file.js';

/** Who asks, and for which place. */
export interface ClearanceAsked {
  action: string;
  requesterId: string;
  /** By which a job is to run. */
  launcher?: string | undefined;
  /** In small letters. */
  environment?: string | undefined;
}

/** What policies are told of who asks and of the place; what nobody said is left out, and so unknown. */
export interface ClearanceFacts {
  region?: string;
  clearance: { actorRank?: number; enclaveRank?: number };
}

/** Who is cleared for what, and where: as the file of the site says. */
export class Clearances {
  constructor(
    private readonly file: ClearanceFile | null,
    /** From the lowest to the highest. */
    private readonly levels: readonly string[],
  ) {}

  async of(statements: Statements, asked: ClearanceAsked): Promise<ClearanceFacts> {
    if (this.file === null) return { clearance: {} };
    const { region, clearance } = placeOf(this.file, asked);
    const actor = await this.highestOf(statements, this.file.actors, asked.requesterId);
    return {
      ...(region === undefined ? {} : { region }),
      clearance: {
        ...(actor === null ? {} : { actorRank: actor }),
        ...(clearance === undefined ? {} : { enclaveRank: this.levels.indexOf(clearance) }),
      },
    };
  }

  /** The highest level of all that is said of somebody, by their id, their teams, their role; null: nothing is. */
  private async highestOf(
    statements: Statements,
    { default: least, roles, principals }: ClearanceFile['actors'],
    id: string,
  ): Promise<number | null> {
    const [row] = await statements.run(cypher.STANDING_OF, { id });
    const role = row?.maybeText('role') ?? '';
    const ids = row ? [id, ...row.texts('teamIds')] : [];
    const said = [least, valueIn(roles, role), ...ids.map((each) => valueIn(principals, each))];
    const ranks = said.flatMap((level) => (level === undefined ? [] : [this.levels.indexOf(level)]));
    return row && ranks.length > 0 ? Math.max(...ranks) : null;
  }
}

function placeOf(
  { launchers, environments, exports }: ClearanceFile,
  { action, launcher, environment }: ClearanceAsked,
): Place {
  if (action === 'export') return exports;
  if (action === 'launchTraining') return valueIn(launchers, launcher ?? '') ?? {};
  return action === 'deployModel' ? (valueIn(environments, environment ?? '') ?? {}) : {};
}

/** What a file says may have any name, also one that every object has. */
const valueIn = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
