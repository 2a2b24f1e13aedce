// @neo4j/graphql on Apollo Server, set up as its documentation does, with a hand-written @cypher field a depth: the upper
// bound of a path is a literal in Cypher. It is given the same statement as the floor. Told by the environment where the
// database is; prints its address.
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { Neo4jGraphQL } from '@neo4j/graphql';
import neo4j from 'neo4j-driver';

const { BENCH_NEO4J_URI, BENCH_NEO4J_PASSWORD, BENCH_STATEMENTS } = process.env;
const statements = JSON.parse(BENCH_STATEMENTS);

const field = ([depth, statement]) => `
  lineage${depth}(of: ID!, first: Int!, now: DateTime!): Lineage
    @cypher(statement: """${statement}""", columnName: "lineage")`;

const typeDefs = `
type LineageNode {
  id: ID!
  urn: String!
  name: String!
  depth: Int!
}
type LineageEdge {
  source: ID!
  target: ID!
}
type Lineage {
  nodes: [LineageNode!]!
  edges: [LineageEdge!]!
}
type Query {${Object.entries(statements).map(field).join('')}
}`;

const driver = neo4j.driver(BENCH_NEO4J_URI, neo4j.auth.basic('neo4j', BENCH_NEO4J_PASSWORD));
const schema = await new Neo4jGraphQL({ typeDefs, driver }).getSchema();
const server = new ApolloServer({ schema });
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: '127.0.0.1' },
  context: async ({ req }) => ({ req }),
});
process.stdout.write(`Listening at ${url}\n`);
