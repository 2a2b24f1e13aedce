/** A statement of a migration that makes an index or a constraint, or takes one away. */
export interface SchemaCommand {
  name: string;
  /** What it makes, in the words of `describe…`; null: it takes away what has the name. */
  makes: string | null;
}

/** What tells one index from another, whatever it is called. A constraint of uniqueness counts as an index of that type. */
interface Definition {
  type: string;
  labels: readonly string[];
  properties: readonly string[];
  /** Of a full-text index alone. */
  analyzer?: string | undefined;
  eventuallyConsistent?: boolean | undefined;
}

const CREATES =
  /^CREATE (?:(FULLTEXT|RANGE|TEXT|POINT) )?(?:INDEX|CONSTRAINT) (\w+) IF NOT EXISTS FOR (\S+) (?:ON EACH|ON|REQUIRE) (.+)$/;
const DROPS = /^DROP (?:INDEX|CONSTRAINT) (\w+) IF EXISTS$/;
const UNIQUE = / IS UNIQUE$/;

/** Understands such a statement; null for any other, also for one that is written otherwise than ours are. */
export function parseSchemaCommand(statement: string): SchemaCommand | null {
  const text = bare(statement);
  const dropped = DROPS.exec(text)?.[1];
  if (dropped !== undefined) return { name: dropped, makes: null };
  const [, type, name, target, rest] = CREATES.exec(text) ?? [];
  if (name === undefined || target === undefined || rest === undefined) return null;
  const [on = '', options = ''] = rest.split(' OPTIONS ');
  const definition: Definition = {
    type: UNIQUE.test(on) ? 'UNIQUENESS' : (type ?? 'RANGE'),
    labels: (/:([\w|]+)/.exec(target)?.[1] ?? '').split('|'),
    properties: [...on.matchAll(/\w\.(\w+)/g)].map((match) => match[1] ?? ''),
    analyzer: /fulltext\.analyzer`: '([\w-]+)'/.exec(options)?.[1],
    eventuallyConsistent: options.includes('fulltext.eventually_consistent`: true'),
  };
  return { name, makes: describe(definition) };
}

/** Whether the statement says anything of the schema, also in a way that is not understood. */
export const isOfSchema = (statement: string): boolean =>
  /^(?:CREATE|DROP) [A-Z ]*(?:INDEX|CONSTRAINT) /.test(bare(statement));

/** An index as SHOW INDEXES tells of it, with what enforces it. */
export interface PresentIndex {
  name: string;
  /** As `SchemaCommand.makes` has it. */
  is: string;
  isConstraint: boolean;
  /** Neo4j gave its filling up. */
  failed: boolean;
}

/** From a row of `SHOW_INDEXES` or `SHOW_CONSTRAINTS`. */
export function presentIndex(row: Record<string, unknown>): PresentIndex {
  const config = (row['options'] as { indexConfig?: Record<string, unknown> } | null)?.indexConfig ?? {};
  const analyzer = config['fulltext.analyzer'];
  const definition: Definition = {
    type: typeof row['type'] === 'string' ? row['type'] : '',
    labels: textsOf(row['labelsOrTypes']),
    properties: textsOf(row['properties']),
    analyzer: typeof analyzer === 'string' ? analyzer : undefined,
    eventuallyConsistent: config['fulltext.eventually_consistent'] === true,
  };
  const { name, isConstraint, state } = row;
  return {
    name: typeof name === 'string' ? name : '',
    is: describe(definition),
    isConstraint: isConstraint === true,
    failed: state === 'FAILED',
  };
}

/** What it is for in words that are equal for equal indexes: in a full-text index, no order matters. */
function describe({ type, labels, properties, analyzer, eventuallyConsistent }: Definition): string {
  const what = `${type} of ${[...labels].sort().join(', ')} on`;
  if (type !== 'FULLTEXT') return `${what} ${properties.join(', ')}`;
  const written = eventuallyConsistent === true ? 'eventually consistent' : 'written with each commit';
  return `${what} ${[...properties].sort().join(', ')} (${analyzer ?? 'analyzer of the database'}, ${written})`;
}

/** Without comments, on one line. */
function bare(statement: string): string {
  const lines = statement.split(/\r?\n|\r/).filter((line) => !line.trimStart().startsWith('//'));
  return lines.join(' ').replaceAll(/\s+/g, ' ').trim();
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
