import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isThere } from '../../disk/presence.js';
import { replaceFileSync } from '../../disk/whole-file.js';
import type { EmbeddedHome } from './home.js';
import { isNewer, LINES, type Neo4jLine } from './lines.js';
import type { EventListener } from '../event-listener.js';
import { SetupError } from '../setup-error.js';

/** What wrote every store from before the version was written down. */
const BEFORE_IT_WAS_NOTED = '5.26';

/**
 * Notes in the home which Neo4j is about to open its store. A newer one changes the store so that an older one cannot read
 * it any more, and may say so only after it has begun to write: so this is refused here, with `SetupError`, before it starts.
 */
export function claimStore(home: EmbeddedHome, line: Neo4jLine, onEvent: EventListener): void {
  const written = writtenBy(home);
  if (written !== null && isNewer(written, line.version)) refuse(home, written, line);
  if (written !== null && isNewer(line.version, written)) {
    onEvent(
      `The graph in ${home.folder} was written by Neo4j ${written}. Neo4j ${line.version} takes it over now; after that ${written} cannot open it again.`,
      'warn',
    );
  }
  // Before Java starts: should we be killed now, the store may be of this version already.
  replaceFileSync(noteOf(home), `${line.version}\n`);
}

/** The version that opened the store last; null when there is no store yet. */
function writtenBy(home: EmbeddedHome): string | null {
  if (!isThere(join(home.folder, 'data', 'databases'))) return null;
  return isThere(noteOf(home)) ? readFileSync(noteOf(home), 'utf8').trim() : BEFORE_IT_WAS_NOTED;
}

const noteOf = (home: EmbeddedHome): string => join(home.folder, 'store-version');

function refuse(home: EmbeddedHome, written: string, line: Neo4jLine): never {
  const able = LINES.find(({ version }) => !isNewer(written, version));
  const remedy = able
    ? `Set JAVA_HOME to a Java ${able.oldestJava} or later, which runs Neo4j ${able.version}`
    : 'Use the version of Weftline that wrote it, or a later one';
  throw new SetupError(
    `The graph in ${home.folder} was written by Neo4j ${written}, and Neo4j ${line.version}, which would open it, is older and cannot read it. ` +
      `${remedy}; or move ${home.folder} away to begin with an empty graph.`,
  );
}
