/**
 * Asks the HTTP API of a Ray dashboard. Not with `fetch`: it sends a `Sec-Fetch-Mode` header, by which Ray takes it for a
 * browser, and refuses whatever a browser posts.
 */
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { text } from 'node:stream/consumers';
import type { z } from 'zod';
import { trimEnd } from '../../trim.js';
import { messageOf } from '../machine/errno.js';
import { LauncherUnreachable } from '../port/launcher.js';
import type { RaySettings } from './settings.js';

const SHOWN_CHARACTERS = 500;

export interface RayAnswer {
  status: number;
  body: string;
}

export class RayClient {
  private readonly address: string;

  constructor(private readonly settings: Pick<RaySettings, 'address' | 'tokenFile' | 'timeoutSeconds'>) {
    this.address = trimEnd(settings.address, '/');
  }

  /** Any answer but a refusal of the caller. Throws `LauncherUnreachable`. */
  async ask(method: 'GET' | 'POST', path: string, content?: unknown): Promise<RayAnswer> {
    const headers = { accept: 'application/json', ...(await this.authorization()) };
    const answer = await this.exchange(method, path, headers, content === undefined ? '' : JSON.stringify(content));
    if (answer.status === 401 || answer.status === 403) throw this.refused(answer.status);
    return answer;
  }

  /** The answer as JSON of that shape. Throws `LauncherUnreachable` for any other. */
  read<T>(answer: RayAnswer, schema: z.ZodType<T>): T {
    if (answer.status !== 200) throw this.unusable(answer);
    let value: unknown;
    try {
      value = JSON.parse(answer.body);
    } catch {
      throw this.unusable(answer);
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw this.unusable(answer);
    return parsed.data;
  }

  unusable({ status, body }: RayAnswer): LauncherUnreachable {
    return new LauncherUnreachable(
      `${this.address} answered with HTTP ${status} and nothing that Ray's Jobs API should say: ${excerpt(body)}`,
    );
  }

  private async exchange(
    method: string,
    path: string,
    headers: Record<string, string>,
    content: string,
  ): Promise<RayAnswer> {
    const url = new URL(this.address + path);
    const signal = AbortSignal.timeout(this.settings.timeoutSeconds * 1000);
    const type = content === '' ? {} : { 'content-type': 'application/json' };
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const request = url.protocol === 'https:' ? requestTls : requestPlain;
        const length = { 'content-length': Buffer.byteLength(content) };
        request(url, { method, headers: { ...headers, ...type, ...length }, signal }, resolve)
          .on('error', reject)
          .end(content);
      });
      return { status: response.statusCode ?? 0, body: await text(response) };
    } catch (error) {
      const why = signal.aborted ? `no answer within ${this.settings.timeoutSeconds} s` : messageOf(error);
      throw new LauncherUnreachable(`Ray at ${this.address} could not be reached: ${why}.`, { cause: error });
    }
  }

  private async authorization(): Promise<Record<string, string>> {
    const { tokenFile } = this.settings;
    if (tokenFile === undefined) return {};
    try {
      return { authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}` };
    } catch (error) {
      throw new LauncherUnreachable(`The token for Ray cannot be read: ${messageOf(error)}.`, { cause: error });
    }
  }

  private refused(status: number): LauncherUnreachable {
    const { tokenFile } = this.settings;
    const why =
      tokenFile === undefined
        ? 'it wants a token. Set `tokenFile`.'
        : `it does not take the token in "${tokenFile}". Put the token of the cluster there.`;
    return new LauncherUnreachable(`Ray at ${this.address} refused the request (HTTP ${status}): ${why}`);
  }
}

/** Ray puts whole logs and stack traces into its messages; the last line of either tells most. */
export function excerpt(message: string): string {
  const text = message.trim();
  return text.length > SHOWN_CHARACTERS ? `…${text.slice(-SHOWN_CHARACTERS)}` : text;
}
