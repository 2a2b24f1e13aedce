import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { Backlog } from '../../../src/openlineage/intake/backlog.js';
import { BodyRefused, EventBodies } from '../../../src/http/lineage-body.js';

const MEGABYTE = 1_048_576;
const asking = (headers: Record<string, string>): FastifyRequest => ({ headers }) as unknown as FastifyRequest;
const roomy = (bytes = 1_000 * MEGABYTE): Backlog => new Backlog({ events: 10, bytes }, () => new Date());
const said = (text: string): Promise<string> => Promise.resolve(text);

describe('bodies of events', () => {
  it.each(['identity', 'gzip'])(
    'are cut off at their limit while they are read: an endless one in %s',
    async (encoding) => {
      const piece = encoding === 'gzip' ? gzipSync(Buffer.alloc(MEGABYTE)) : Buffer.alloc(MEGABYTE);
      let given = 0;
      // It never ends: whoever read on would not come to an answer.
      const endless = new Readable({
        read() {
          given += 1;
          this.push(piece);
        },
      });
      const bodies = new EventBodies({ most: 8 * MEGABYTE, usual: 9 * MEGABYTE }, roomy());
      const asked = bodies.read(asking({ 'content-encoding': encoding }), endless, said);
      await expect(asked).rejects.toMatchObject({ status: 413 });
      await expect(asked).rejects.toBeInstanceOf(BodyRefused);
      endless.destroy();
      expect(given).toBeGreaterThan(4);
    },
  );

  it('are worked on four at a time when they are large, and small ones meanwhile', async () => {
    const bodies = new EventBodies({ most: 10_000, usual: 100 }, roomy());
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    let working = 0;
    const read = (bytes: number, work: () => Promise<void>): Promise<void> =>
      bodies.read(asking({}), Readable.from([Buffer.alloc(bytes, ' ')]), work);
    const work = (): Promise<void> => {
      working += 1;
      return finished;
    };
    const open = Array.from({ length: 4 }, () => read(200, work));
    await expect.poll(() => working).toBe(4);
    await expect(read(200, () => Promise.resolve())).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await read(50, () => Promise.resolve());
    finish();
    await Promise.all(open);
    await read(200, () => Promise.resolve());
  });
});
