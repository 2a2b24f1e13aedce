import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { SetupError } from '../../neo4j/setup-error.js';
import { REFUSAL } from './answers.js';

/** The server cannot be reached, or not now: asked later, it may answer. */
export class TrackingUnreachable extends SetupError {}

/** Who asks: a token, or a name and its password; null: nobody. */
export type Credentials = { token: string } | { username: string; password: string } | null;

const MOST_TRIES = 5;
const ANSWER_WITHIN_MS = 60_000;
/** A page of a thousand runs with all their parameters is below it. */
const MOST_BYTES = 256 * 1024 * 1024;
/** Answers that mean "later". */
const LATER: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
/** A server that goes on giving pages without end has lost its way. */
const MOST_PAGES = 100_000;

type Query = Readonly<Record<string, string | number | readonly string[]>>;

/** Asks a tracking server of MLflow by its REST API 2.0, again where it does not answer. */
export class TrackingApi {
  private readonly base: URL;
  private readonly authorization: string | null;
  private readonly signal: AbortSignal;
  private readonly wait: (ms: number) => Promise<void>;

  /** `wait` is the clock of tests. */
  constructor(options: {
    server: URL;
    credentials: Credentials;
    signal: AbortSignal;
    wait?: (ms: number) => Promise<void>;
  }) {
    const { server, credentials, signal } = options;
    this.base = new URL(`${server.pathname.replace(/\/$/, '')}/api/2.0/mlflow/`, server);
    this.authorization = headerOf(credentials);
    this.signal = signal;
    this.wait = options.wait ?? ((ms) => sleep(ms, undefined, { signal }));
  }

  /** All that a search finds, page by page. */
  async *pages<T extends { next_page_token: string }>(
    method: 'GET' | 'POST',
    path: string,
    query: Query,
    answer: z.ZodType<T>,
  ): AsyncGenerator<T> {
    let token = '';
    for (let count = 0; count < MOST_PAGES; count += 1) {
      const page = await this.ask(method, path, token === '' ? query : { ...query, page_token: token }, answer);
      yield page;
      if (page.next_page_token === '') return;
      if (page.next_page_token === token) break;
      token = page.next_page_token;
    }
    throw new SetupError(`${this.base.origin} goes on giving pages of ${path} without an end.`);
  }

  private async ask<T>(method: 'GET' | 'POST', path: string, query: Query, answer: z.ZodType<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.askOnce(method, path, query, answer);
      } catch (error) {
        this.signal.throwIfAborted();
        if (!(error instanceof TrackingUnreachable)) throw error;
        if (tries === MOST_TRIES) throw new TrackingUnreachable(`${error.message} It was tried ${tries} times.`);
        await this.wait(500 * 2 ** (tries - 1));
      }
    }
  }

  private async askOnce<T>(method: 'GET' | 'POST', path: string, query: Query, answer: z.ZodType<T>): Promise<T> {
    const address = new URL(path, this.base);
    if (method === 'GET')
      for (const [key, value] of Object.entries(query)) address.searchParams.set(key, String(value));
    let response: Response;
    let text: string;
    try {
      response = await fetch(address, {
        method,
        headers: {
          accept: 'application/json',
          ...(this.authorization === null ? {} : { authorization: this.authorization }),
          ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
        },
        ...(method === 'POST' ? { body: JSON.stringify(query) } : {}),
        redirect: 'manual',
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
      text = await bodyOf(response, address);
    } catch (cause) {
      this.signal.throwIfAborted();
      if (cause instanceof SetupError) throw cause;
      throw new TrackingUnreachable(`The MLflow server ${this.base.origin} cannot be reached: ${causeIn(cause)}.`);
    }
    if (LATER.has(response.status))
      throw new TrackingUnreachable(`The MLflow server ${this.base.origin} does not answer now (${response.status}).`);
    if (!response.ok) throw new SetupError(this.refusal(response.status, address, text));
    return this.read(address, text, answer);
  }

  private read<T>(address: URL, text: string, answer: z.ZodType<T>): T {
    const read = answer.safeParse(jsonOf(text));
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
    throw new SetupError(
      `${address.origin}${address.pathname} answered what is no answer of MLflow${where}. Look whether --tracking-uri is the address of a tracking server.`,
    );
  }

  private refusal(status: number, address: URL, text: string): string {
    if (status === 401 || status === 403)
      return `The MLflow server ${address.origin} refused (${status}). Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, of somebody who may read it.`;
    if (status >= 300 && status < 400)
      return `${address.origin} sends elsewhere (${status}), and that is not followed. Give the address of the MLflow server itself.`;
    const told = REFUSAL.safeParse(jsonOf(text));
    if (told.success)
      return `The MLflow server ${address.origin} refused (${told.data.error_code}): ${told.data.message.slice(0, 500)}`;
    return `There is no MLflow server at ${this.base.href}: it answered ${status} to ${address.pathname}. Look at --tracking-uri.`;
  }
}

function headerOf(credentials: Credentials): string | null {
  if (credentials === null) return null;
  if ('token' in credentials) return `Bearer ${credentials.token}`;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}

async function bodyOf(response: Response, address: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    if (bytes > MOST_BYTES)
      throw new SetupError(`${address.origin}${address.pathname} answers more than ${MOST_BYTES} bytes at a time.`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const causeIn = (error: unknown): string =>
  error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
