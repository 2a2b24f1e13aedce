import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

/** Where a random operation takes its values from: things that are there, hidden or not, and some that are not. */
export interface Pool {
  ids: readonly string[];
  refs: readonly string[];
  words: readonly string[];
  /** Arguments of a root field that fit together, where values taken by their types alone would mostly be refused. */
  fitting?: FittingArguments;
}

export type Choose = <T>(items: readonly T[]) => T;
/** By the name of the root field. */
export type FittingArguments = Readonly<Record<string, (one: Choose) => Fitting>>;
/** Values by the names of arguments; null: the argument is left out. */
export type Fitting = Readonly<Record<string, string | Written | null>>;
/** A value that is no string, as it is written in GraphQL. */
export interface Written {
  written: string;
}

/** Numbers in [0, 1) that a seed decides (mulberry32), so that a failing operation can be made again. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Walks of each depth, and with each of these arguments, are statements of their own: planning them is most of what a hunt costs. */
const DEPTHS = ['2', '5'];
const MAKES_A_STATEMENT = new Set(['until', 'ignore']);
const DEEPEST = 5;

/**
 * Writes operations that select at random whatever the schema offers below a root field: all leaves, some of what
 * lies deeper, every member of an interface or union. So a field that is added tomorrow is tried tomorrow.
 */
export class RandomQueries {
  private aliases = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly pool: Pool,
    private readonly random: () => number,
    /** `Type.field` that is never selected. */
    private readonly left: ReadonlySet<string> = new Set(),
  ) {}

  /** One operation of the root field. */
  write(kind: 'query' | 'subscription', name: string): string {
    const type = kind === 'query' ? this.schema.getQueryType() : this.schema.getSubscriptionType();
    const field = type?.getFields()[name];
    if (!field) throw new Error(`There is no ${kind} "${name}".`);
    return `${kind} { ${this.field(field, 0)} }`;
  }

  private field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const fitting = this.fittingFor(field.name, depth);
    const given = field.args.filter(({ name }) => fitting[name] !== null).filter((arg) => this.isGiven(arg, fitting));
    const members = given.map((arg) => this.argument(arg, fitting));
    const args = members.length === 0 ? '' : `(${members.join(', ')})`;
    // Each under a name of its own: members of a union may not be told apart otherwise.
    return `a${++this.aliases}: ${field.name}${args}${this.selection(getNamedType(field.type), depth + 1)}`;
  }

  private selection(type: GraphQLNamedType, depth: number): string {
    if (isLeafType(type)) return '';
    if (isAbstractType(type)) {
      const members = this.schema.getPossibleTypes(type).filter(() => depth <= 2 || this.random() < 0.5);
      return ` { __typename ${members.map((member) => `... on ${member.name}${this.selection(member, depth)}`).join(' ')} }`;
    }
    if (!isObjectType(type)) return '';
    const fields = Object.values(type.getFields()).filter((each) => !this.left.has(`${type.name}.${each.name}`));
    const chosen = fields.filter(
      (each) => isLeafType(getNamedType(each.type)) || (depth < DEEPEST && this.random() < 1.4 / (depth + 1)),
    );
    return ` { __typename ${chosen.map((each) => this.field(each, depth)).join(' ')} }`;
  }

  /** Mostly; what does not fit is tried too. */
  private fittingFor(name: string, depth: number): Fitting {
    const make = depth === 0 ? this.pool.fitting?.[name] : undefined;
    return make && this.random() < 0.8 ? make((items) => this.one(items)) : {};
  }

  private isGiven(arg: GraphQLArgument, fitting: Fitting): boolean {
    return arg.name in fitting || isRequiredArgument(arg) || this.wants(arg);
  }

  private argument(arg: GraphQLArgument, fitting: Fitting): string {
    const value = fitting[arg.name];
    if (value == null) return this.member(arg);
    const text = typeof value === 'string' ? JSON.stringify(value) : value.written;
    return `${arg.name}: ${isListType(getNullableType(arg.type)) ? `[${text}]` : text}`;
  }

  /** Pages are read from their start, so that there is something on them. */
  private wants({ name }: GraphQLArgument | GraphQLInputField): boolean {
    if (['last', 'before', 'after'].includes(name)) return this.random() < 0.01;
    return this.random() < (MAKES_A_STATEMENT.has(name) ? 0.1 : 0.3);
  }

  private member(input: GraphQLArgument | GraphQLInputField): string {
    return `${input.name}: ${this.value(input.type, input.name)}`;
  }

  private value(type: GraphQLInputType, name: string): string {
    const inner = getNullableType(type);
    if (isListType(inner)) {
      const items = Array.from({ length: 1 + Math.floor(this.random() * 2) }, () => this.value(inner.ofType, name));
      return `[${items.join(', ')}]`;
    }
    if (isEnumType(inner)) return this.one(inner.getValues().map((each) => each.name));
    if (isInputObjectType(inner)) {
      const given = Object.values(inner.getFields()).filter((each) => isRequiredInputField(each) || this.wants(each));
      return `{ ${given.map((each) => this.member(each)).join(', ')} }`;
    }
    return this.scalar(inner.name, name);
  }

  private scalar(type: string, name: string): string {
    switch (type) {
      case 'AssetRef':
        return JSON.stringify(this.one(this.pool.refs));
      case 'ID':
        return JSON.stringify(this.one(this.pool.ids));
      case 'Int':
        return name === 'depth' ? this.one(DEPTHS) : String(1 + Math.floor(this.random() * 50));
      case 'BigInt':
        return String(Math.floor(this.random() * 3));
      case 'Boolean':
        return String(this.random() < 0.5);
      case 'DateTime':
        return JSON.stringify(new Date(Date.now() - Math.floor(this.random() * 20_000)).toISOString());
      case 'JSON':
        return '{}';
      default:
        return JSON.stringify(this.one(this.pool.words));
    }
  }

  private one<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.random() * items.length)];
    if (item === undefined) throw new Error('There is nothing to choose from.');
    return item;
  }
}
