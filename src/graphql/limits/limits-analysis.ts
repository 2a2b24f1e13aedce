import {
  getNamedType,
  getOperationAST,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type SelectionNode,
} from 'graphql';
import { addFragment, addRepeated, emptyTally, totalCost, type Tally } from './limits-tally.js';
import { bytesOfField, largestPageOf, sizeOfField, weightOfField } from './limits-field.js';

/** A page argument with a size outside 1 to the maximum. */
export interface PageFault {
  node: FieldNode;
  /** "Query.assets" */
  field: string;
  argument: string;
  size: number;
  /** Largest page of this field. */
  maximum: number;
}

export interface OperationAnalysis {
  depth: number;
  /** Deepest chain inside `__schema` and `__type`, which `depth` leaves out. */
  introspectionDepth: number;
  aliases: number;
  rootFields: number;
  /** Selected fields once every fragment is written out. */
  fields: number;
  cost: number;
  /** What the answer may weigh, estimated. */
  bytes: number;
  /** The first one met; null when every page size is allowed. */
  pageFault: PageFault | null;
}

/** One selection set being read. `close` hands its tally to the selection set around it. */
interface Frame {
  selections: readonly SelectionNode[];
  next: number;
  /** undefined where the document selects what the schema does not have; validation refuses it elsewhere. */
  parent: GraphQLNamedType | undefined;
  insidePage: boolean;
  tally: Tally;
  close: (tally: Tally) => void;
}

/**
 * Reads an operation once. A frame stack instead of recursion: nesting of any depth cannot overflow the call stack.
 * Each fragment is tallied once per position (inside a page or not), so a fragment bomb costs as much as its text.
 * A spread of a fragment that is still open is a cycle, adds nothing, and is refused by validation.
 */
export function analyseOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Record<string, unknown>,
  pageSizes: { maxPageSize: number; defaultPageSize: number },
): OperationAnalysis {
  const operation = getOperationAST(document, operationName);
  const walk = new OperationWalk(schema, document, variables, pageSizes);
  const found = operation
    ? walk.read(operation.selectionSet.selections, schema.getRootType(operation.operation) ?? undefined)
    : emptyTally();
  const { depth, introspectionDepth, aliases, level: rootFields, fields, bytes } = found;
  return {
    depth,
    introspectionDepth,
    aliases,
    rootFields,
    fields,
    cost: totalCost(found),
    bytes,
    pageFault: walk.pageFault,
  };
}

class OperationWalk {
  pageFault: PageFault | null = null;
  private readonly stack: Frame[] = [];
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  /** By fragment and position; null while the fragment is being read. */
  private readonly tallies = new Map<string, Tally | null>();

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly variables: Record<string, unknown>,
    private readonly pageSizes: { maxPageSize: number; defaultPageSize: number },
  ) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
  }

  read(selections: readonly SelectionNode[], parent: GraphQLNamedType | undefined): Tally {
    const root = this.open({ selections, parent, insidePage: false, close: () => undefined });
    for (let frame = this.stack.at(-1); frame; frame = this.stack.at(-1)) {
      const selection = frame.selections[frame.next++];
      if (selection) {
        this.readSelection(selection, frame);
      } else {
        this.stack.pop();
        frame.close(frame.tally);
      }
    }
    return root.tally;
  }

  private open(start: Omit<Frame, 'next' | 'tally'>): Frame {
    const frame = { ...start, next: 0, tally: emptyTally() };
    this.stack.push(frame);
    return frame;
  }

  private readSelection(selection: SelectionNode, frame: Frame): void {
    if (selection.kind === Kind.FIELD) {
      this.readField(selection, frame);
    } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
      this.readSpread(selection.name.value, frame);
    } else {
      const condition = this.typeNamed(selection.typeCondition?.name.value) ?? frame.parent;
      this.open({
        selections: selection.selectionSet.selections,
        parent: condition,
        insidePage: frame.insidePage,
        close: (tally) => addFragment(frame.tally, tally, condition),
      });
    }
  }

  private readSpread(name: string, frame: Frame): void {
    const fragment = this.fragments.get(name);
    if (!fragment) return;
    const condition = this.typeNamed(fragment.typeCondition.name.value);
    const key = `${name} ${frame.insidePage ? 'inside a page' : ''}`;
    const known = this.tallies.get(key);
    if (known) addFragment(frame.tally, known, condition);
    if (known !== undefined) return;
    this.tallies.set(key, null);
    this.open({
      selections: fragment.selectionSet.selections,
      parent: condition,
      insidePage: frame.insidePage,
      close: (tally) => {
        this.tallies.set(key, tally);
        addFragment(frame.tally, tally, condition);
      },
    });
  }

  private readField(node: FieldNode, frame: Frame): void {
    const field = this.fieldOf(frame.parent, node.name.value);
    const type = field && getNamedType(field.type);
    const introspective = [type, frame.parent].some((each) => each !== undefined && isIntrospectionType(each));
    const { multiplier, holdsPage } = this.sizeOf(field, node, frame, introspective);
    const weight = field && !introspective ? weightOfField(field) : 0;
    frame.tally.aliases += node.alias ? 1 : 0;
    frame.tally.level += 1;
    const bytes = field && !introspective ? bytesOfField(field) : 0;
    const close = (below: Tally): void => addRepeated(frame.tally, below, { weight, multiplier, introspective, bytes });
    const selections = node.selectionSet?.selections;
    if (selections) this.open({ selections, parent: type, insidePage: holdsPage, close });
    else close(emptyTally());
  }

  private sizeOf(
    field: GraphQLField<unknown, unknown> | undefined,
    node: FieldNode,
    frame: Frame,
    introspective: boolean,
  ): { multiplier: number; holdsPage: boolean } {
    if (!field || introspective) return { multiplier: 1, holdsPage: false };
    const { defaultPageSize, maxPageSize } = this.pageSizes;
    const size = sizeOfField(field, node, this.variables, { insidePage: frame.insidePage, defaultPageSize });
    const maximum = largestPageOf(field) ?? maxPageSize;
    const fault = size.pages.find((page) => page.size < 1 || page.size > maximum);
    if (fault) this.pageFault ??= { node, field: `${frame.parent?.name ?? ''}.${field.name}`, ...fault, maximum };
    return size;
  }

  private typeNamed(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : this.schema.getType(name);
  }

  private fieldOf(parent: GraphQLNamedType | undefined, name: string): GraphQLField<unknown, unknown> | undefined {
    if (parent === this.schema.getQueryType()) {
      const meta = [SchemaMetaFieldDef, TypeMetaFieldDef].find((each) => each.name === name);
      if (meta) return meta;
    }
    return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  }
}
