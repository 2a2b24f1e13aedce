import type { EventListener } from '../../neo4j/event-listener.js';
import type { MigrationDatabase } from '../../neo4j/migrations/migration-database.js';
import { kindOf } from '../accounts/principal.cypher.js';

/** Those that are one with another now that case does not count: none comes in new. */
const TWINS = `// principals.twins
MATCH (twin:Principal) WHERE twin.twinOf > ''
MATCH (other:Principal {id: COLLECT {
  MATCH (first:User|Team|ServiceAccount) WHERE first.nameKey = twin.twinOf AND ${kindOf('first')} = ${kindOf('twin')}
  RETURN first.id LIMIT 1
}[0]})
RETURN ${kindOf('twin')} AS kind, twin.id AS id, coalesce(twin.handle, twin.name) AS name, other.id AS otherId,
  coalesce(other.handle, other.name) AS otherName
ORDER BY kind, name, id`;

const WAY_OUT = {
  User: 'renameUser',
  ServiceAccount: 'renameServiceAccount',
  Team: 'renameTeam',
} as const;

/** Tells, after the migrations, of names that differ from another in case alone, with what to do. They go on working as they are. */
export async function tellOfTwins(graph: MigrationDatabase, onEvent: EventListener): Promise<void> {
  const rows = (await graph.run(TWINS)) as unknown as Twin[];
  for (const { kind, id, name, otherId, otherName } of rows)
    onEvent(
      `${kind} "${name}" (${id}) and "${otherName}" (${otherId}) differ in case alone, and are one name now. Both go on; rename one of them with ${WAY_OUT[kind]}.`,
      'info',
    );
}

interface Twin {
  kind: keyof typeof WAY_OUT;
  id: string;
  name: string;
  otherId: string;
  otherName: string;
}
