import { ArgsType, Field, Int, ObjectType, Root, type ClassType } from 'type-graphql';
import { type Page, type PageArguments, type PageRows, writeCursor } from './page.js';

@ObjectType({ description: 'The position of a page in its list (Relay).' })
export class PageInfo {
  @Field(() => Boolean, { description: 'There is more after `endCursor`.' })
  hasNextPage!: boolean;
  @Field(() => Boolean, { description: 'There is more before `startCursor`.' })
  hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true, description: 'Cursor of the first row of this page; null when it is empty.' })
  startCursor!: string | null;
  @Field(() => String, { nullable: true, description: 'Cursor of the last row of this page; null when it is empty.' })
  endCursor!: string | null;
}

@ArgsType()
export class PageArgs implements PageArguments {
  @Field(() => Int, {
    nullable: true,
    description: 'Rows to return from the start: 1 to 200, 25 when neither `first` nor `last` is given.',
  })
  first?: number | null;
  @Field(() => String, { nullable: true, description: 'Return rows after this cursor.' })
  after?: string | null;
  @Field(() => Int, { nullable: true, description: 'Rows to return from the end: 1 to 200.' })
  last?: number | null;
  @Field(() => String, { nullable: true, description: 'Return rows before this cursor.' })
  before?: string | null;
}

export interface Connection<T> {
  edges: { cursor: string; node: T }[];
  nodes: T[];
  pageInfo: PageInfo;
  /** Asked only when the client selects totalCount. */
  countAll: () => Promise<number>;
}

/** Declares the connection and edge types of a node type: DatasetConnection, DatasetEdge. */
export function connectionOf<T extends object>(node: ClassType<T> | (abstract new () => T), name: string) {
  @ObjectType(`${name}Edge`, { description: `One row of a ${name}Connection.` })
  class Edge {
    @Field(() => String, { description: 'The position of this row in the list; pass it as `after` or `before`.' })
    cursor!: string;
    @Field(() => node as ClassType<T>, { description: 'The row itself.' })
    node!: T;
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name} (Relay).` })
  class ConnectionType {
    @Field(() => [Edge], { description: 'The rows with their cursors.' })
    edges!: Edge[];
    @Field(() => [node as ClassType<T>], { description: 'The rows without their cursors.' })
    nodes!: T[];
    @Field(() => PageInfo, { description: 'The position of this page in the list.' })
    pageInfo!: PageInfo;
    @Field(() => Int, { description: 'Rows in the whole list that you may see; counted only when selected.' })
    totalCount(@Root() page: Connection<T>): Promise<number> {
      return page.countAll();
    }
  }
  return ConnectionType;
}

/** Puts a page of rows into the shape of a connection; the cursor of a row is made of its id. */
export function toConnection<T extends { id: string }>(
  list: string,
  page: Page,
  { rows, more }: PageRows<T>,
  countAll: () => Promise<number>,
): Connection<T> {
  const edges = rows.map((node) => ({ cursor: writeCursor(list, node.id), node }));
  return connectionOfEdges(edges, page, more, countAll);
}

/** The same of rows that have their cursors already. */
export function connectionOfEdges<T>(
  edges: { cursor: string; node: T }[],
  page: Page,
  more: boolean,
  countAll: () => Promise<number>,
): Connection<T> {
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    countAll,
    pageInfo: {
      hasNextPage: page.backward ? page.before !== null : more,
      hasPreviousPage: page.backward ? more : page.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
