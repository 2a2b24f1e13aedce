/** Answers as the recorded answers of a real Ray do (../shared/launcher-fixtures/ray), or as a test says. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const FIXTURES = join(import.meta.dirname, '../../../shared/launcher-fixtures/ray');

export interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A status with its body; null: the connection is broken off. */
export type Answer = readonly [status: number, body: string] | null;

export const recorded = (file: string): string => readFileSync(join(FIXTURES, file), 'utf8');

/** The recorded answer, where the file holds its status in the last line. */
export function recordedAnswer(file: string): Answer {
  const lines = recorded(file).trimEnd().split('\n');
  return [Number(lines.at(-1)), lines.slice(0, -1).join('\n')];
}

/** A recorded job under another name, with changes. */
export function recordedJob(file: string, changes: Record<string, unknown>): string {
  return JSON.stringify({ ...(JSON.parse(recorded(file)) as object), ...changes });
}

export class RayDouble {
  readonly asked: Asked[] = [];
  /** By "GET /api/version" and so on, without the query; each answers the same again and again, or in turn when an array. */
  readonly answers = new Map<string, Answer | Answer[]>([
    ['GET /api/version', [200, recorded('version.json')]],
    ['GET /api/v0/nodes', [200, recorded('nodes.json')]],
    ['GET /api/jobs/', [200, recorded('list.json')]],
  ]);

  private constructor(private readonly server: Server) {}

  static async start(): Promise<RayDouble> {
    const server = createServer();
    const double = new RayDouble(server);
    server.on('request', (request: IncomingMessage, response) => {
      void double.answerTo(request).then((answer) => {
        if (answer === null) request.socket.destroy();
        else response.writeHead(answer[0]).end(answer[1]);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return double;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answerTo(request: IncomingMessage): Promise<Answer> {
    const { method = '', url = '', headers } = request;
    this.asked.push({ method, path: url, headers, body: await text(request) });
    const [path = ''] = url.split('?');
    const answer = this.answers.get(`${method} ${path}`);
    if (answer === undefined) return [404, `Job ${path.split('/')[3] ?? ''} does not exist`];
    if (answer === null || !Array.isArray(answer[0])) return answer as Answer;
    return (answer as Answer[]).length > 1 ? ((answer as Answer[]).shift() ?? null) : ((answer as Answer[])[0] ?? null);
  }
}
