import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';
import { getMetadataStorage } from 'type-graphql';

/**
 * Marks each field that a `@FieldResolver` answers, on objects and interfaces, so that rules can tell what an answer itself
 * holds from what would be asked beyond it. A new one is marked without anybody's doing.
 */
export function markOwnResolvers(schema: GraphQLSchema): void {
  const marked = ownResolvers();
  const types = Object.values(schema.getTypeMap());
  for (const type of types.filter(isObjectType)) {
    const names = [type.name, ...type.getInterfaces().map((each) => each.name)];
    for (const field of Object.values(type.getFields()))
      if (names.some((name) => marked.has(`${name}.${field.name}`)))
        field.extensions = { ...field.extensions, hasOwnResolver: true };
  }
  for (const type of types.filter(isInterfaceType)) {
    const members = schema.getPossibleTypes(type);
    for (const field of Object.values(type.getFields()))
      if (members.some((member) => member.getFields()[field.name]?.extensions['hasOwnResolver'] === true))
        field.extensions = { ...field.extensions, hasOwnResolver: true };
  }
}

/** `Type.field` for each `@FieldResolver` of the program. */
function ownResolvers(): ReadonlySet<string> {
  const { fieldResolvers, resolverClasses, objectTypes, interfaceTypes } = getMetadataStorage();
  const names = new Map([...objectTypes, ...interfaceTypes].map(({ target, name }) => [target, name]));
  const coordinates = fieldResolvers.map(({ target, schemaName, methodName }) => {
    // A resolver class is for the type it names; a method of a type itself, for that type.
    const type = resolverClasses.find((each) => each.target === target)?.getObjectType() ?? target;
    const name = names.get(type) ?? names.get(target);
    if (name === undefined) throw new Error(`It cannot be told of which type ${target.name}.${methodName} is a field.`);
    return `${name}.${schemaName}`;
  });
  return new Set(coordinates);
}
