/**
 * Bodies of events: larger than others, and mostly compressed. Counted after inflating, and cut off while it goes on, so that a small
 * body that inflates to a large one takes no more memory than a large one.
 */
import { PassThrough, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import type { Backlog, HeldBody } from '../openlineage/intake/backlog.js';
import { ErrorCode, limitExceeded, WeftlineError } from '../errors.js';

/** Bodies of more than the usual size that are read and worked on at once: each is in memory several times over. */
const MOST_LARGE = 4;

/** A body that is refused whole. */
export class BodyRefused extends Error {
  constructor(
    readonly status: 400 | 413 | 415,
    readonly code: ErrorCode,
    message: string,
    /** As far as it was read; null: not at all. */
    readonly body: { text: string; isWhole: boolean } | null = null,
  ) {
    super(message);
  }
}

export interface EventBodyLimits {
  /** In bytes, after inflating. */
  most: number;
  /** What is larger waits for its turn. */
  usual: number;
}

export class EventBodies {
  private large = 0;

  constructor(
    private readonly limits: EventBodyLimits,
    private readonly backlog: Backlog,
  ) {}

  /**
   * Does the work with what the body says as text. Throws BodyRefused, or LIMIT_EXCEEDED when too many large ones are being worked on.
   */
  async read<T>({ headers }: FastifyRequest, payload: Readable, work: (text: string) => Promise<T>): Promise<T> {
    if (Number(headers['content-length'] ?? 0) > this.limits.most) throw this.tooLarge(null);
    const taken = { large: false, held: this.backlog.holdBody() };
    try {
      return await work(await this.textOf(inflated(payload, headers['content-encoding']), taken));
    } finally {
      if (taken.large) this.large -= 1;
      taken.held.release();
      // What is not read any more must not keep the connection.
      payload.resume();
    }
  }

  private async textOf(source: Readable, taken: { large: boolean; held: HeldBody }): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > this.limits.most) throw this.tooLarge(chunks);
        if (bytes > this.limits.usual && !taken.large) taken.large = this.takeLarge();
        taken.held.add(chunk.length);
        chunks.push(chunk);
      }
    } catch (error) {
      throw faultOf(error);
    }
    return decoded(Buffer.concat(chunks, bytes));
  }

  private takeLarge(): true {
    if (this.large >= MOST_LARGE)
      throw limitExceeded(`${this.large} large bodies are being worked on already. Send yours again in a moment.`);
    this.large += 1;
    return true;
  }

  private tooLarge(read: readonly Buffer[] | null): BodyRefused {
    const message = `The body is larger than ${this.limits.most} bytes once it is inflated. Send fewer events at once.`;
    const began = read && { text: Buffer.concat(read.slice(0, 2)).toString('utf8'), isWhole: false };
    return new BodyRefused(413, ErrorCode.LIMIT_EXCEEDED, message, began);
  }
}

/** A stream of its own: when it is given up, the request can still be answered. */
function inflated(payload: Readable, encoding = 'identity'): Readable {
  const name = encoding.trim().toLowerCase();
  if (name !== 'identity' && name !== 'gzip' && name !== 'x-gzip')
    throw new BodyRefused(
      415,
      ErrorCode.BAD_USER_INPUT,
      'The body may be sent as it is, or with "Content-Encoding: gzip".',
    );
  const source = name === 'identity' ? new PassThrough() : createGunzip();
  payload.once('error', (error) => source.destroy(error));
  return payload.pipe(source);
}

function faultOf(error: unknown): unknown {
  if (error instanceof BodyRefused || error instanceof WeftlineError) return error;
  const { code = '' } = error as { code?: string };
  const said = code.startsWith('Z_') ? 'The body is not the gzip that its header says' : 'The body broke off';
  return new BodyRefused(400, ErrorCode.BAD_USER_INPUT, `${said}: ${error instanceof Error ? error.message : code}.`);
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const began = { text: bytes.subarray(0, 2_048).toString('utf8'), isWhole: false };
    throw new BodyRefused(400, ErrorCode.BAD_USER_INPUT, 'The body is not UTF-8, as JSON has to be.', began);
  }
}
