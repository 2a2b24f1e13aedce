/**
 * Every text, list and JSON value that enters has a limit, and every name its one spelling, put onto the schema as a whole: told in
 * the description, and held before the resolver or `subscribe` runs, on whatever route the operation came.
 */
import {
  defaultFieldResolver,
  getNullableType,
  GraphQLID,
  GraphQLString,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import { badInput, limitExceeded } from '../../errors.js';
import { checkJson } from '../../json/limits.js';
import { invisibleIn } from '../../spelling.js';
import { Json } from '../json.scalar.js';
import { type Spelling, spellingOf } from './names.js';
import { charactersOf, type Coordinate, isWork, itemsOf } from './text-limits.js';

/**
 * What is taken in the place of the value: a name in its one spelling, all else as it is. Throws BAD_USER_INPUT or LIMIT_EXCEEDED
 * naming the place, how much stands there and how much is possible.
 */
type Check = (value: unknown, place: string) => unknown;

/** One thing that takes input, with the sentence that tells its limits. */
interface Told {
  check: Check | null;
  /** "At most 100 items, each of at most 100 characters."; empty where nothing is limited here. */
  limit: string;
}

/** Changes the schema in place. */
export function boundArguments(schema: GraphQLSchema): void {
  const bounds = new Bounds();
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        tell(field, bounds.of(field.type, { name: field.name, path: `${type.name}.${field.name}` }));
      }
    } else if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) boundField(type.name, field, bounds);
    }
  }
}

function boundField(type: string, field: GraphQLField<unknown, unknown>, bounds: Bounds): void {
  const checks = field.args.flatMap((argument): [string, Check][] => {
    const path = `${type}.${field.name}(${argument.name})`;
    const told = bounds.of(argument.type, { name: argument.name, path });
    tell(argument, told);
    return told.check ? [[argument.name, told.check]] : [];
  });
  if (checks.length === 0) return;
  const checked =
    (then: GraphQLFieldResolver<unknown, unknown>): GraphQLFieldResolver<unknown, unknown> =>
    (source, args: Record<string, unknown>, context, info) => {
      for (const [name, check] of checks) if (args[name] != null) args[name] = check(args[name], name);
      return then(source, args, context, info);
    };
  if (field.subscribe) field.subscribe = checked(field.subscribe);
  else field.resolve = checked(field.resolve ?? defaultFieldResolver);
}

/** The checks of all types, each input object's made once: they may hold each other. */
class Bounds {
  private readonly inputs = new Map<GraphQLInputObjectType, Check>();

  of(type: GraphQLInputType, at: Coordinate): Told {
    const bare = getNullableType(type);
    if (isListType(bare)) return listOf(this.of(bare.ofType, at), at);
    if (isInputObjectType(bare)) return { check: this.ofInput(bare), limit: '' };
    if (bare === GraphQLString) return textOf(charactersOf(at, 'String'), spellingOf(at));
    if (bare === GraphQLID) return textOf(charactersOf(at, 'ID'), null);
    if (bare === Json) return { check: refuseJson, limit: '' };
    // Other scalars say their limits themselves.
    return { check: null, limit: '' };
  }

  private ofInput(type: GraphQLInputObjectType): Check {
    const known = this.inputs.get(type);
    if (known) return known;
    const members: [string, Check][] = [];
    const check: Check = (value, place) => {
      const given = value as Record<string, unknown>;
      for (const [name, each] of members) {
        if (given[name] != null) given[name] = each(given[name], `${place}.${name}`);
      }
      return given;
    };
    this.inputs.set(type, check);
    for (const field of Object.values(type.getFields())) {
      const member = this.of(field.type, { name: field.name, path: `${type.name}.${field.name}` });
      if (member.check) members.push([field.name, member.check]);
    }
    return check;
  }
}

function listOf(item: Told, at: Coordinate): Told {
  const most = itemsOf(at);
  const refuse = isWork(at) ? limitExceeded : badInput;
  const each = item.limit === '' ? '' : `, each of ${item.limit.charAt(0).toLowerCase()}${item.limit.slice(1, -1)}`;
  return {
    limit: `At most ${most.toLocaleString('en-US')} items${each}.`,
    check: (value, place) => {
      const items = value as unknown[];
      if (items.length > most) throw refuse(`\`${place}\` has ${items.length} items; at most ${most} are possible.`);
      if (!item.check) return items;
      for (const [index, one] of items.entries()) {
        if (one != null) items[index] = item.check(one, `${place}[${index}]`);
      }
      return items;
    },
  };
}

/** The scalar tells the limits; here the place is known. */
const refuseJson: Check = (value, place) => {
  const fault = checkJson(value);
  if (fault !== null) throw badInput(`\`${place}\` ${fault}.`);
  return value;
};

function textOf(most: number, spelling: Spelling | null): Told {
  return {
    limit: `At most ${most.toLocaleString('en-US')} characters.`,
    check: (value, place) => {
      const text = value as string;
      const length = text.length > most ? [...text].length : 0;
      if (length > most) throw badInput(`\`${place}\` has ${length} characters; at most ${most} are possible.`);
      if (!text.isWellFormed())
        throw badInput(`\`${place}\` is not valid Unicode: it has a lone surrogate, half of a character.`);
      return spelling === null ? text : inOneSpelling(text, spelling, place);
    },
  };
}

function inOneSpelling(text: string, { spell, refused }: Spelling, place: string): string {
  const name = spell(text);
  const fault = refused ? invisibleIn(name) : null;
  if (fault !== null) throw badInput(`\`${place}\` ${fault}.`);
  return name;
}

function tell(place: { description?: string | null | undefined }, { limit }: Told): void {
  if (limit !== '') place.description = `${place.description ?? ''} ${limit}`.trim();
}
