import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** One file of the migrations folder, as it is now. */
export interface MigrationFile {
  /** The digits of the file's name as they stand there: "001". */
  version: string;
  /** The rest of the name, underscores as spaces: "constraints and indexes". */
  description: string;
  /** The file's name. */
  source: string;
  /** What is to be run, in order; without statements that are nothing but comment. */
  statements: string[];
  /** As neo4j-migrations computes it. */
  checksum: string;
}

/** Migrations cannot go on as they are, and a person has to decide; the message names the file and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** The database was migrated by a newer Weftline than this one. */
export class NewerDatabaseError extends MigrationError {}

const FILE_NAME = /^V(\d+)__([\w ]+)\.cypher$/;

/**
 * Reads the folder in order of version. Throws `MigrationError` for a name that is not one of a migration, for two
 * files of one version, and for a gap in the versions: a file is missing then, and the order would not be told.
 */
export function readMigrationFiles(directory: string): MigrationFile[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.cypher'));
  const files = names.map((name) => parseMigrationFile(name, readFileSync(join(directory, name), 'utf8')));
  files.sort((a, b) => Number(a.version) - Number(b.version));
  for (const [index, file] of files.entries()) refuseWrongPlace(file, index, files[index - 1]);
  return files;
}

/** Understands one file: its name and the statements in it. */
export function parseMigrationFile(source: string, text: string): MigrationFile {
  const [, version, description] = FILE_NAME.exec(source) ?? [];
  if (version === undefined || description === undefined) {
    throw new MigrationError(`${source} is not named like a migration: V007__why_it_is_made.cypher.`);
  }
  const parts = splitStatements(text);
  for (const part of parts) refuseHiddenCommands(source, part);
  return {
    version,
    description: description.replaceAll('_', ' '),
    source,
    statements: parts.filter((part) => !isComment(part)),
    checksum: String(parts.reduce((sum, part) => crc32(part, sum), 0)),
  };
}

function refuseWrongPlace(file: MigrationFile, index: number, before: MigrationFile | undefined): void {
  if (before !== undefined && Number(before.version) === Number(file.version)) {
    throw new MigrationError(
      `${before.source} and ${file.source} have the same version; give one of them the next free one.`,
    );
  }
  if (Number(file.version) !== index + 1) {
    throw new MigrationError(`${file.source} should be version ${index + 1}: versions count from 1 without a gap.`);
  }
}

/** A statement ends with a semicolon at the end of a line, in comments too: the rule of neo4j-migrations. */
function splitStatements(text: string): string[] {
  return text
    .split(/;(?:\r?\n|\r)/)
    .map((part) => trimAscii(trimAscii(part).replace(/;$/, '')))
    .filter((part) => part !== '');
}

/** What Java's trim takes away, and nothing else: the checksum is made of what is left. */
function trimAscii(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && text.charCodeAt(start) <= 32) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 32) end -= 1;
  return text.slice(start, end);
}

function isComment(part: string): boolean {
  return part.split(/\r?\n|\r/).every((line) => trimAscii(line).startsWith('//'));
}

/**
 * neo4j-migrations finds commands of its own anywhere in a file, also within a comment or a longer word, and would
 * run another file than we do: "because the" switches to a database "the". Such words are refused here.
 */
function refuseHiddenCommands(source: string, part: string): void {
  const found =
    /use +[a-z][a-z\d.-]{2,62}/i.exec(part) ??
    /\/\/ *(?:assert|assume)(?: in (?:schema|target))? (?:that|q')/i.exec(part);
  if (found === null) return;
  throw new MigrationError(
    `${source} contains "${found[0]}", which neo4j-migrations takes for a command of its own even in a comment; say it in other words.`,
  );
}
