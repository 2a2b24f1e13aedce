import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { diskFault } from '../../disk/disk-fault.js';
import { discardSync } from '../../disk/leftovers.js';
import { isThere } from '../../disk/presence.js';
import { UNFINISHED } from '../../disk/whole-file.js';
import type { EmbeddedHome } from './home.js';
import type { FoundJava } from './java.js';

/*
 * Half of what Java does until Neo4j is up is to read and check its classes. An archive of them as they lie in memory (class
 * data sharing, JEP 350) spares it that: 6 s of CPU in place of 11. Java writes one at its end when it is told to; before it
 * uses one it compares the jars and itself with those the archive is of, and goes on without where they differ
 * (docs/adr/0052-an-archive-of-classes.md).
 */

/** What Java is told of its archive, and the file that it leaves at its end if it writes one; null if it uses one. */
export interface ClassArchive {
  options: readonly string[];
  written: string | null;
}

const ENDING = '.jsa';
const ABANDONED_MS = 60 * 60_000;
/** Each class that cannot be archived would have its line in the log that a failed start is explained by. */
const QUIETLY = ['-Xlog:cds=off', '-Xlog:cds+dynamic=off', '-Xlog:class+path=off'];

/** The archive that this user has for that Java and Neo4j, or, where is none yet, the one that Java shall write at its end. */
export function findArchive(home: EmbeddedHome, { java, lib }: { java: FoundJava; lib: string }): ClassArchive {
  const folder = dirname(lib);
  const name = `classes-${digest(java.build)}`;
  const kept = readdirSync(folder).find((each) => each.startsWith(`${name}-`) && isWhole(join(folder, each)));
  if (kept !== undefined)
    return { options: [`-XX:SharedArchiveFile=${join(folder, kept)}`, ...QUIETLY], written: null };
  removeAbandoned(folder);
  // By the build of Java, since no other uses it, and by the home, since two may end at once.
  const written = join(folder, `${name}.${digest(home.folder)}${UNFINISHED}`);
  return { options: [`-XX:ArchiveClassesAtExit=${written}`, ...QUIETLY], written };
}

/**
 * Puts what a Java has written that came to its end by itself to where the next one looks. Does nothing where it wrote none,
 * having no room for it or being of a build that cannot. An archive only spares time: where the disk refuses it, there is none.
 */
export function keepArchive(written: string): void {
  if (!isThere(written)) return;
  const [name = ''] = basename(written).split('.');
  try {
    flush(written);
    renameSync(written, join(dirname(written), `${name}-${statSync(written).size}${ENDING}`));
  } catch (error) {
    if (diskFault(error) === null) throw error;
    discardSync(written);
  }
}

/** Removes what a Java has written that was killed or could not start. */
export function discardArchive(written: string): void {
  discardSync(written);
}

/** Its name says how long it is: Java would crash over one that is cut off. */
function isWhole(path: string): boolean {
  return path.endsWith(`-${statSync(path, { throwIfNoEntry: false })?.size}${ENDING}`);
}

function flush(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** What a Java that was killed meanwhile began at its end. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => each.endsWith(UNFINISHED))) {
    const path = join(folder, name);
    const modifiedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - modifiedAt > ABANDONED_MS) discardSync(path);
  }
}
