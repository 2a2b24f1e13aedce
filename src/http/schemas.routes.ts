import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { OWN_SCHEMAS, SCHEMAS_PATH } from '../openlineage/outgoing/own-facets.js';

/** Gives out the schemas of the facets that Weftline makes, to anybody: what was published under an address stays as it is. */
export function registerSchemas(app: FastifyInstance, directory: string): void {
  for (const name of OWN_SCHEMAS) {
    app.get(`${SCHEMAS_PATH}/${name}.json`, async (_request, reply) =>
      reply
        .type('application/schema+json; charset=utf-8')
        .header('cache-control', 'public, max-age=86400')
        .send(await readFile(join(directory, `${name}.json`))),
    );
  }
}
