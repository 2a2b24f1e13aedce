import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';

/** The official schemas of OpenLineage 2-0-2 and its facets. */
const SPEC = join(import.meta.dirname, '../../../shared/openlineage-spec');

/** An event as it came. */
export interface ReceivedEvent {
  eventTime: string;
  eventType?: string;
  schemaURL: string;
  run?: { runId: string; facets: Record<string, Record<string, unknown>> };
  job?: { namespace: string; name: string; facets: Record<string, Record<string, unknown>> };
  dataset?: ReceivedDataset;
  inputs?: ReceivedDataset[];
  outputs?: ReceivedDataset[];
}

export interface ReceivedDataset {
  namespace: string;
  name: string;
  facets?: Record<string, Record<string, unknown>>;
  inputFacets?: Record<string, Record<string, unknown>>;
  outputFacets?: Record<string, Record<string, unknown>>;
}

/** Checks events by the official schemas: each by its own, and each facet by the schema that it names. Formats are advisory. */
export function schemaFaults(events: readonly unknown[]): string[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const read = (path: string): AnySchemaObject => JSON.parse(readFileSync(path, 'utf8')) as AnySchemaObject;
  ajv.addSchema(read(join(SPEC, 'OpenLineage.json')));
  for (const file of readdirSync(join(SPEC, 'facets')).filter((name) => name.endsWith('.json')))
    ajv.addSchema(read(join(SPEC, 'facets', file)));
  const faults = (schema: string, value: unknown, where: string): string[] => {
    const check = ajv.getSchema(schema);
    if (check === undefined) return [`${where}: ${schema} is no official schema`];
    return check(value) === true ? [] : [`${where}: ${ajv.errorsText(check.errors)}`];
  };
  const facetFaults = (value: unknown, where: string): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    const own = '_schemaURL' in value ? faults(String(value._schemaURL), value, where) : [];
    return [...own, ...Object.entries(value).flatMap(([key, inner]) => facetFaults(inner, `${where}/${key}`))];
  };
  return events.flatMap((event, index) => [
    ...faults((event as ReceivedEvent).schemaURL, event, String(index)),
    ...facetFaults(event, String(index)),
  ]);
}

/** What a receiver says instead of taking a batch. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A server that takes batches of events as the specification says, keeps them, and can be told to answer otherwise. */
export class LineageReceiver {
  readonly events: ReceivedEvent[] = [];
  /** How many events came in each batch that was taken. */
  readonly batches: number[] = [];
  readonly requests: { path: string; authorization: string | undefined; bytes: number }[] = [];
  /** Answers before batches are taken again, first to last. */
  readonly replies: Reply[] = [];
  private readonly server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<this> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return this;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((done) => this.server.close(() => done()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const { authorization } = request.headers;
    this.requests.push({ path: `${request.method ?? ''} ${request.url ?? ''}`, authorization, bytes: text.byteLength });
    const reply = this.replies.shift() ?? { status: 204 };
    if (reply.status < 300) {
      const events = JSON.parse(text.toString('utf8')) as ReceivedEvent[];
      this.events.push(...events);
      this.batches.push(events.length);
    }
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
  }
}
