import {
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

/** Part of every page: below them lies what is asked for, so they are no step down. */
const NO_STEP = new Set(['edges', 'nodes', 'node', 'pageInfo', 'completeness']);

/**
 * Writes questions that select everything the schema has below a root field, to some depth: a field that is added tomorrow
 * is asked for tomorrow.
 */
export class WholeQueries {
  private aliases = 0;

  private depth = 0;

  constructor(private readonly schema: GraphQLSchema) {}

  /** One question of the root field, with its arguments as they are written in GraphQL, and what lies so many steps below it. */
  of(name: string, args: string, depth: number): string {
    this.depth = depth;
    this.aliases = 0;
    const field = this.schema.getQueryType()?.getFields()[name];
    if (!field) throw new Error(`There is no query "${name}".`);
    return `{ ${name}${args === '' ? '' : `(${args})`}${this.selection(getNamedType(field.type), 0, [])} }`;
  }

  private selection(type: GraphQLNamedType, depth: number, above: readonly string[]): string {
    if (isLeafType(type)) return '';
    if (isAbstractType(type)) {
      const members = this.schema.getPossibleTypes(type);
      return ` { __typename ${members.map((each) => `... on ${each.name}${this.selection(each, depth, above)}`).join(' ')} }`;
    }
    if (!isObjectType(type)) return '';
    const within = [...above, type.name];
    const chosen = Object.values(type.getFields()).filter((field) => this.isChosen(field, depth, within));
    return ` { __typename ${chosen.map((field) => this.field(field, depth, within)).join(' ')} }`;
  }

  private isChosen(field: GraphQLField<unknown, unknown>, depth: number, above: readonly string[]): boolean {
    const type = getNamedType(field.type);
    if (isLeafType(type)) return true;
    // What is above already is told there; of a union or interface there are others.
    return (depth < this.depth || NO_STEP.has(field.name)) && !above.includes(type.name);
  }

  private field(field: GraphQLField<unknown, unknown>, depth: number, above: readonly string[]): string {
    const given = field.args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${least(arg.type)}`);
    const args = given.length === 0 ? '' : `(${given.join(', ')})`;
    const below = this.selection(getNamedType(field.type), NO_STEP.has(field.name) ? depth : depth + 1, above);
    // Each under a name of its own: members of a union may not be told apart otherwise.
    return `${field.name}_${++this.aliases}: ${field.name}${args}${below}`;
  }
}

function least(type: GraphQLInputType): string {
  const bare = getNullableType(type);
  if (isListType(bare)) return '[]';
  if (isEnumType(bare)) return bare.getValues().at(-1)?.name ?? '';
  throw new Error(`Say what is given where ${String(type)} is required.`);
}
