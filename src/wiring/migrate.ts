import { writeSpellingsOfAll } from '../catalog/spelling/spellings-of-all.js';
import { writeWordsOfAll } from '../catalog/search/words-of-all.js';
import { migrate as runMigrations, type MigrateOptions } from '../neo4j/migrations/migrate.js';
import { tellOfTwins } from '../principals/directory/twins.js';
import { MigrationDatabase } from '../neo4j/migrations/migration-database.js';

/**
 * Brings the database to the state of this version: by the files of the folder (`runMigrations`, which says what is answered and
 * thrown), then what only the program can make of what is there.
 */
export async function migrate(
  driver: Parameters<typeof runMigrations>[0],
  options: MigrateOptions = {},
): Promise<{ applied: string[]; current: string }> {
  const done = await runMigrations(driver, options);
  const { database = 'neo4j', onEvent = () => undefined } = options;
  const graph = new MigrationDatabase(driver, database);
  await writeSpellingsOfAll(graph, onEvent, new Date());
  await writeWordsOfAll(graph, onEvent);
  await tellOfTwins(graph, onEvent);
  return done;
}
