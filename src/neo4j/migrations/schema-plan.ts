import type { MigrationFile } from './migration-file.js';
import { MigrationError } from './migration-file.js';
import { parseSchemaCommand, type PresentIndex, type SchemaCommand } from './schema-command.js';

/** A state that an index of that name is brought into by a file: there in this shape, or gone. */
interface Stage {
  file: number;
  makes: string | null;
  statement: string;
}

/**
 * What the files of the folder make of each index and constraint, held against what the database has: in a database of one's own its
 * owner may have run statements by hand, or used a name for something else. `IF NOT EXISTS` tells neither from the other.
 */
export class SchemaPlan {
  private readonly stages = new Map<string, Stage[]>();

  constructor(private readonly files: readonly MigrationFile[]) {
    for (const [file, { statements }] of files.entries()) {
      for (const statement of statements) {
        const command = parseSchemaCommand(statement);
        if (command === null) continue;
        const { name, makes } = command;
        const earlier = this.stages.get(name) ?? [];
        // What a file first drops and then makes again, it brings into one state.
        this.stages.set(name, [...earlier.filter((each) => each.file !== file), { file, makes, statement }]);
      }
    }
  }

  /**
   * The names in the file for which nothing is to be done: what is there is what the file makes of it, or a later one.
   * Throws `MigrationError` when a name, or what is to be made, is taken by something that is not ours.
   */
  doneBy(file: MigrationFile, present: readonly PresentIndex[]): Set<string> {
    const at = this.files.indexOf(file);
    const names = new Set(file.statements.map(parseSchemaCommand).flatMap((command) => command?.name ?? []));
    return new Set([...names].filter((name) => this.isDone(name, at, present)));
  }

  /** What brings the database to the state after the last file, for whoever may change its schema. */
  statementsFor(present: readonly PresentIndex[]): string[] {
    return [...this.stages].flatMap(([name, stages]) => {
      const found = present.find((index) => index.name === name);
      const last = stages.at(-1);
      if (last === undefined || isIn(found, last) || isServed(last, present)) return [];
      const drops = found === undefined ? [] : [dropOf(found)];
      return last.makes === null ? drops : [...drops, last.statement];
    });
  }

  /**
   * What the last file leaves there and the database lacks, by name: taken away by hand, or left to fill and failed. What is in its
   * place, if anything, is not touched.
   */
  lostFrom(present: readonly PresentIndex[]): Map<string, string[]> {
    const lost = new Map<string, string[]>();
    for (const [name, stages] of this.stages) {
      const found = present.find((index) => index.name === name);
      const last = stages.at(-1);
      if (last === undefined || last.makes === null || isServed(last, present)) continue;
      if (found === undefined) lost.set(name, [last.statement]);
      else if (found.failed && found.is === last.makes) lost.set(name, [dropOf(found), last.statement]);
    }
    return lost;
  }

  private isDone(name: string, at: number, present: readonly PresentIndex[]): boolean {
    const stages = this.stages.get(name) ?? [];
    const found = present.find((index) => index.name === name);
    const wanted = stages.find((each) => each.file === at);
    if (found === undefined) {
      // Nothing to drop; and what a later file drops, nothing asks for any more.
      if (wanted === undefined || wanted.makes === null || stages.at(-1)?.makes === null) return true;
      if (isServed(wanted, present)) return true;
      this.refuseRivals(name, at, present);
      return false;
    }
    const stage = stages.findLast((each) => isIn(found, each));
    if (stage !== undefined) {
      if (stage.file < at) this.refuseRivals(name, at, present);
      return stage.file >= at;
    }
    if (found.failed && stages.some((each) => each.makes === found.is)) return false;
    throw new MigrationError(
      `${this.sourceOf(at)} needs the name ${name}${wanted?.makes ? ` for ${kindOf(wanted.makes)} ${wanted.makes}` : ''}, and the ` +
        `database has ${describe(found)} of that name, which is none of Weftline's. Nothing of this file was run. ` +
        `${MAY_RUN}\n${listed(this.statementsToReplace(name, found))}`,
    );
  }

  /** Of the file and of those after it: what would stop a later one is told before anything is run. */
  private refuseRivals(name: string, at: number, present: readonly PresentIndex[]): void {
    for (const { file, makes } of this.stages.get(name) ?? []) {
      if (file >= at) this.refuseRival(file, { name, makes }, present);
    }
  }

  /** Neo4j has no two indexes of one type on the same properties: `IF NOT EXISTS` would make none, and say nothing. */
  private refuseRival(at: number, { name, makes }: SchemaCommand, present: readonly PresentIndex[]): void {
    const rival = present.find(
      ({ name: called, is, isConstraint }) =>
        makes !== null &&
        called !== name &&
        (makes.startsWith('FULLTEXT ')
          ? withoutConfig(is) === withoutConfig(makes)
          : !isConstraint && is === makes.replace(/^UNIQUENESS /, 'RANGE ') && is !== makes),
    );
    if (rival === undefined) return;
    throw new MigrationError(
      `${this.sourceOf(at)} makes ${name}, ${kindOf(makes ?? '')} ${makes}, and the database has ${describe(rival)} already, called ` +
        `${rival.name}; Neo4j does not keep both. Nothing of this file was run. ${MAY_RUN}\n` +
        listed([dropOf(rival), ...this.statementsToReplace(name, undefined)]),
    );
  }

  private statementsToReplace(name: string, found: PresentIndex | undefined): string[] {
    const last = this.stages.get(name)?.at(-1);
    const makes = last?.makes ? [last.statement] : [];
    return found === undefined ? makes : [dropOf(found), ...makes];
  }

  private sourceOf(at: number): string {
    return this.files[at]?.source ?? '';
  }
}

/** Statements for a person to copy, each with its end. */
export const listed = (statements: readonly string[]): string =>
  statements
    .map((statement) => statement.split('\n').filter((line) => !line.startsWith('//')))
    .map((lines) => `  ${lines.join('\n  ')};`)
    .join('\n');

const MAY_RUN =
  'If what is there is not needed, its owner may run this, and after it "npm run migrate" again, which takes what it finds for done:';

const isIn = (found: PresentIndex | undefined, { makes }: Stage): boolean =>
  found === undefined ? makes === null : !found.failed && found.is === makes;

/** Whatever an index is called, it serves; but search asks for the full-text index by its name. */
const isServed = ({ makes }: Stage, present: readonly PresentIndex[]): boolean =>
  makes?.startsWith('FULLTEXT ') === false && present.some(({ is, failed }) => is === makes && !failed);

const withoutConfig = (what: string): string => what.replace(/ \([^()]*\)$/, '');

const kindOf = (what: string): string => (what.startsWith('UNIQUENESS ') ? 'the constraint' : 'the index');

const describe = ({ is, isConstraint, failed }: PresentIndex): string =>
  `${isConstraint ? 'a constraint' : 'an index'} ${is}${failed ? ' (its filling has failed)' : ''}`;

const dropOf = ({ name, isConstraint }: PresentIndex): string =>
  `DROP ${isConstraint ? 'CONSTRAINT' : 'INDEX'} \`${name.replaceAll('`', '``')}\` IF EXISTS`;
