import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import type { ReceivedEvent } from './lineage-receiver.js';

const SPEC = join(import.meta.dirname, '../../../shared/openlineage-spec');
const OWN = join(import.meta.dirname, '../../schema/openlineage');

/** What a receiver says instead of taking an event; `hold`: it says nothing until `letGo`. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  hold?: boolean;
}

/** A server that takes one event at a time, keeps what it took, can be told to answer otherwise, to go away and to come back. */
export class EventReceiver {
  readonly taken: ReceivedEvent[] = [];
  readonly tried: ReceivedEvent[] = [];
  readonly tokens: (string | undefined)[] = [];
  /** What is answered to an event, by what it is and how often it came before; null: it is taken. */
  answerTo: (event: ReceivedEvent, triedBefore: number) => Answer | null = () => null;
  private server: Server | null = null;
  private port = 0;
  private readonly held: (() => void)[] = [];
  private readonly counts = new Map<string, number>();

  async start(): Promise<this> {
    const server = createServer((request, response) => void this.answer(request, response));
    this.server = server;
    await new Promise<void>((done) => server.listen(this.port, '127.0.0.1', done));
    this.port = (server.address() as AddressInfo).port;
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/api/v1/lineage`;
  }

  letGo(): void {
    this.held.splice(0).forEach((each) => each());
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (!server) return;
    this.letGo();
    server.closeAllConnections();
    await new Promise<void>((done) => server.close(() => done()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const event = JSON.parse(text) as ReceivedEvent;
    const before = this.counts.get(text) ?? 0;
    this.counts.set(text, before + 1);
    this.tried.push(event);
    this.tokens.push(request.headers.authorization);
    const answer = this.answerTo(event, before);
    if (answer?.hold === true) await new Promise<void>((done) => this.held.push(done));
    if (!answer || answer.status < 300) this.taken.push(event);
    response.writeHead(answer?.status ?? 201, { 'content-type': 'application/json', ...answer?.headers });
    response.end(answer?.body);
  }
}

/** What is wrong with events by the official schemas, and with facets of ours by the schemas that the server gives out. */
export function faultsOfEvents(events: readonly unknown[]): string[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const read = (path: string): AnySchemaObject => JSON.parse(readFileSync(path, 'utf8')) as AnySchemaObject;
  ajv.addSchema(read(join(SPEC, 'OpenLineage.json')));
  for (const file of readdirSync(join(SPEC, 'facets')).filter((name) => name.endsWith('.json')))
    ajv.addSchema(read(join(SPEC, 'facets', file)));
  for (const file of readdirSync(OWN)) ajv.addSchema(read(join(OWN, file)));
  const check = (schema: string, value: unknown, where: string): string[] => {
    const [, own] = /\/schema\/openlineage\/1-0-0\/(\w+)\.json#/.exec(schema) ?? [];
    const known = own === undefined ? schema : `urn:weftline:openlineage:1-0-0:${own}#/$defs/${own}`;
    const validate = ajv.getSchema(known);
    if (!validate) return [`${where}: there is no schema ${schema}`];
    return validate(value) === true ? [] : [`${where}: ${ajv.errorsText(validate.errors)}`];
  };
  const inFacets = (value: unknown, where: string): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    const own = '_schemaURL' in value ? check(String(value._schemaURL), value, where) : [];
    return [...own, ...Object.entries(value).flatMap(([key, inner]) => inFacets(inner, `${where}/${key}`))];
  };
  return events.flatMap((event, index) => [
    ...check((event as ReceivedEvent).schemaURL, event, String(index)),
    ...inFacets(event, String(index)),
  ]);
}
