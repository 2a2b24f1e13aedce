import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { holdsToken } from '../http/address.js';
import { readBrowserFiles, readPage } from './browser-files.js';
import { GRAPHIQL_HEADERS, PAGE_HEADERS } from './page-headers.js';
import { readSampleOperations } from './sample-operations.js';

export interface WebOptions {
  /** Holds the sample operations, one `.graphql` file each. */
  operationsDirectory: string;
}

/**
 * What a browser gets: the start page, GraphiQL and the files they load, all from this server. Everything is read now,
 * so a missing file stops the start instead of breaking a page later.
 */
export async function registerWeb(app: FastifyInstance, options: WebOptions): Promise<void> {
  const operations = await readSampleOperations(options.operationsDirectory);
  const files = await readBrowserFiles();
  const [start, graphiql, tokenInAddress] = await Promise.all([
    readPage('index.html', files),
    readPage('graphiql.html', files),
    readPage('token-in-address.html', files),
  ]);

  // A token belongs in the fragment of a sign-in link, which browsers keep to themselves.
  const refuseTokenInAddress = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (holdsToken(request.url)) await reply.code(400).headers(PAGE_HEADERS).send(tokenInAddress);
  };
  const page = { onRequest: refuseTokenInAddress };

  app.get('/', page, (_, reply) => reply.headers(PAGE_HEADERS).send(start));
  app.get('/graphiql', page, (_, reply) => reply.headers(GRAPHIQL_HEADERS).send(graphiql));
  app.get('/operations.json', (_, reply) =>
    reply.headers({ 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }).send(operations),
  );
  for (const file of files) {
    app.get(file.url, (_, reply) =>
      reply
        .headers({
          'content-type': file.contentType,
          'cache-control': file.cacheControl,
          'x-content-type-options': 'nosniff',
        })
        .send(file.body),
    );
  }
}
