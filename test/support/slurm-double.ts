/** Answers as slurmrestd 22.05.8 did when it was recorded (../shared/launcher-fixtures/slurm), its statuses included. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const FIXTURES = join(import.meta.dirname, '../../../shared/launcher-fixtures/slurm');
export const recorded = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8')) as Record<string, unknown>;

export interface Answer {
  status: number;
  body: unknown;
}
export interface Asked {
  method: string;
  path: string;
  body: unknown;
}

const API = '/slurm/v0.0.38';

export class SlurmDouble {
  /** All requests but those for the version, oldest first. */
  readonly asked: Asked[] = [];
  /** What it answers, by method and path below the version: "GET /jobs". */
  readonly answers = new Map<string, Answer>([
    ['GET /jobs', { status: 200, body: { ...recorded('jobs-list'), jobs: [] } }],
    ['GET /nodes', { status: 200, body: recorded('nodes') }],
    ['GET /partitions', { status: 200, body: { errors: [], partitions: [{ name: 'batch' }, { name: 'long' }] } }],
    ['GET /job/1', { status: 200, body: recorded('job-completed') }],
    ['POST /job/submit', { status: 200, body: recorded('submit-ok.response') }],
  ]);
  document: unknown = recorded('openapi-v0.0.38');

  private constructor(private readonly server: Server) {}

  static async start(): Promise<SlurmDouble> {
    const server = createServer((request, response) => {
      void double.answer(request).then(({ status, body }) => {
        response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    const double = new SlurmDouble(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    const { method = '', url = '' } = request;
    const text = (await request.toArray()).join('');
    if (url === '/openapi/v3') return { status: 200, body: this.document };
    if (request.headers['x-slurm-user-token'] === undefined) return { status: 401, body: 'Authentication failure' };
    const path = url.startsWith(API) ? url.slice(API.length) : url;
    this.asked.push({ method, path, body: text === '' ? null : (JSON.parse(text) as unknown) });
    const known = this.answers.get(`${method} ${path}`);
    if (known !== undefined) return known;
    if (path.startsWith('/job/')) {
      return { status: 500, body: recorded(method === 'DELETE' ? 'delete-unknown' : 'job-unknown') };
    }
    return { status: 404, body: 'Unable find requested URL. Please view /openapi/v3 for API reference.' };
  }
}
