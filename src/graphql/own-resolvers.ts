import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import { isFormerName } from './deprecated.js';

/**
 * Marks each field that a `@FieldResolver` answers, or a method of its type that is no former name of another field
 * (deprecated.ts), on objects and interfaces, so that rules can tell what an answer itself holds from what would be asked beyond it. A new one is marked without anybody's doing.
 */
export function markOwnResolvers(schema: GraphQLSchema): void {
  const marked = ownResolvers();
  const types = Object.values(schema.getTypeMap());
  for (const type of types.filter(isObjectType)) {
    const names = [type.name, ...type.getInterfaces().map((each) => each.name)];
    for (const field of Object.values(type.getFields()))
      if (names.some((name) => asks(marked.get(`${name}.${field.name}`), field)))
        field.extensions = { ...field.extensions, hasOwnResolver: true };
  }
  for (const type of types.filter(isInterfaceType)) {
    const members = schema.getPossibleTypes(type);
    for (const field of Object.values(type.getFields()))
      if (members.some((member) => member.getFields()[field.name]?.extensions['hasOwnResolver'] === true))
        field.extensions = { ...field.extensions, hasOwnResolver: true };
  }
}

/** A resolver, or a method of the type, which holds what it answers. */
type Answerer = 'RESOLVER' | 'METHOD';

/** A method by which a type answers to a former name of a field of its own asks for nothing. */
const asks = (
  answerer: Answerer | undefined,
  { deprecationReason }: { deprecationReason?: string | null | undefined },
): boolean => answerer === 'RESOLVER' || (answerer === 'METHOD' && !isFormerName(deprecationReason));

/** `Type.field` for each field that the program answers by code of its own. */
function ownResolvers(): ReadonlyMap<string, Answerer> {
  const { fieldResolvers, resolverClasses, objectTypes, interfaceTypes } = getMetadataStorage();
  const names = new Map([...objectTypes, ...interfaceTypes].map(({ target, name }) => [target, name]));
  return new Map(
    fieldResolvers.map(({ target, schemaName, methodName }): [string, Answerer] => {
      // A resolver class is for the type it names; a method of a type itself, for that type.
      const resolved = resolverClasses.find((each) => each.target === target)?.getObjectType();
      const name = names.get(resolved ?? target) ?? names.get(target);
      if (name === undefined)
        throw new Error(`It cannot be told of which type ${target.name}.${methodName} is a field.`);
      return [`${name}.${schemaName}`, resolved === undefined ? 'METHOD' : 'RESOLVER'];
    }),
  );
}
