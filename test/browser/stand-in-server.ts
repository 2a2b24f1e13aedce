import Fastify, { type FastifyInstance } from 'fastify';
import { buildSchema, graphql, GraphQLError } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/fastify';
import { registerWeb } from '../../src/web/web.routes.js';

export const TOKEN = 'wft_0123456789abcdef_stand-in';
const OPERATIONS = new URL('operations/', import.meta.url).pathname;

const schema = buildSchema(`
  interface Principal { id: ID! name: String! }
  type User implements Principal { id: ID! name: String! }
  "Anything the catalog knows under a urn."
  interface Asset { urn: String! name: String! kind: AssetKind! }
  enum AssetKind { DATASET TRANSFORMATION MODEL DEPLOYMENT }
  type Dataset implements Asset { urn: String! name: String! kind: AssetKind! }
  type Model implements Asset { urn: String! name: String! kind: AssetKind! }
  type AssetConnection { totalCount: Int! nodes: [Asset!]! }
  type Query {
    "Who asks."
    viewer: Principal!
    assets(first: Int, last: Int): AssetConnection!
    secret: String
  }
  type Subscription { progress(steps: Int!): Float! }
`);

const ASSETS = [
  ['Dataset', 'warehouse', 'orders'],
  ['Dataset', 'warehouse', 'customers_with_consent_for_training_2026'],
  ['Model', 'forecasting', 'demand <b>weekly</b>'],
  ['Dataset', 'lake', 'clickstream/2026-11'],
  ['Model', 'support', 'ticket-router'],
].map(([type = '', namespace = '', name = '']) => ({
  __typename: type,
  kind: type.toUpperCase(),
  name,
  urn: `urn:weft:${type.toLowerCase()}:${namespace}:${encodeURIComponent(name)}`,
}));

async function* progress({ steps }: { steps: number }): AsyncGenerator<{ progress: number }> {
  for (let step = 1; step <= steps; step++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    yield { progress: step / steps };
  }
}

const rootValue = {
  viewer: { __typename: 'User', id: 'user:ada', name: 'Ada Lovelace' },
  assets: ({ first, last }: { first?: number; last?: number }) => ({
    totalCount: 1_204,
    nodes: ASSETS.slice(last ? -last : 0, first),
  }),
  secret: () => {
    throw new GraphQLError('You may not read this. Ask its owner.', { extensions: { code: 'FORBIDDEN' } });
  },
};
Object.assign(schema.getSubscriptionType()?.getFields()['progress'] ?? {}, {
  subscribe: (_: unknown, args: { steps: number }) => progress(args),
});

/** The pages with a small GraphQL server behind them, so that they are tested without a database. */
export async function startStandIn(): Promise<{ app: FastifyInstance; baseUrl: string }> {
  const app = Fastify();
  await app.register(registerWeb, { operationsDirectory: OPERATIONS });
  app.get('/healthz', () => ({ status: 'ok' }));
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST' || request.headers.authorization === `Bearer ${TOKEN}`) return;
    const error = { message: 'This token is not known, or has been revoked.', extensions: { code: 'UNAUTHENTICATED' } };
    await reply.code(401).send({ errors: [error] });
  });
  app.post<{ Body: { query: string; variables?: Record<string, unknown>; operationName?: string } }>(
    '/graphql',
    ({ body }) =>
      graphql({
        schema,
        rootValue,
        source: body.query,
        variableValues: body.variables ?? null,
        operationName: body.operationName ?? null,
      }),
  );
  const stream = createHandler({ schema });
  app.post('/graphql/stream', (request, reply) => stream(request, reply));
  return { app, baseUrl: await app.listen({ host: '127.0.0.1', port: 0 }) };
}
