import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A line of Neo4j that Weftline embeds. */
export interface Neo4jLine {
  /** As people call it: "5.26". */
  name: string;
  /** Pins the exact version and has Maven copy it. */
  pom: string;
  /** "5.26.30", as the pom pins it; read when asked for: beside a Neo4j of somebody's own the poms are not needed. */
  readonly version: string;
  /** The oldest Java that can read its classes. */
  oldestJava: number;
  /** The class whose main starts the server. */
  entryClass: string;
  /** What is fetched. */
  megabytes: number;
}

/** Oldest first. Java 21 is what the class files of 2026 ask for (version 65). */
export const LINES: readonly Neo4jLine[] = [
  line({ name: '5.26', oldestJava: 17, entryClass: 'org.neo4j.server.CommunityEntryPoint', megabytes: 123 }),
  line({ name: '2026', oldestJava: 21, entryClass: 'org.neo4j.server.Neo4jCommunity', megabytes: 143 }),
];

/** The newest line that this Java can run; null when it is too old for all of them. */
export function newestLineOn(javaVersion: number): Neo4jLine | null {
  return LINES.findLast(({ oldestJava }) => oldestJava <= javaVersion) ?? null;
}

/** Whether a store of the one version may not be opened by the other: year and month, or major and minor, decide. */
export function isNewer(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

function line(known: Omit<Neo4jLine, 'pom' | 'version'>): Neo4jLine {
  // Two folders up from src/neo4j and from dist/neo4j alike.
  const pom = fileURLToPath(new URL(`../../../neo4j/${known.name}.xml`, import.meta.url));
  return {
    ...known,
    pom,
    get version() {
      return pinnedIn(pom);
    },
  };
}

function pinnedIn(pom: string): string {
  const version = /<neo4j\.version>([\w.-]+)<\/neo4j\.version>/.exec(readFileSync(pom, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${pom} names no <neo4j.version>.`);
  return version;
}
