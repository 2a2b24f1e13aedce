/** What the driver writes in one turn goes out at once; what others write is left as it is. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net';
import { afterEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { gatherWrites } from '../../src/neo4j/gathered-writes.js';
import { openDriver } from '../../src/neo4j/graph.js';

const MAGIC = Buffer.from([0x60, 0x60, 0xb0, 0x17]);

afterEach(() => void vi.restoreAllMocks());

/** How often sockets are written to: by one buffer, or by several at once. */
function countWrites(): { of: () => number } {
  const prototype = Socket.prototype as unknown as Record<'_write' | '_writev', () => void>;
  const spies = [vi.spyOn(prototype, '_write'), vi.spyOn(prototype, '_writev')];
  return { of: () => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0) };
}

describe('A driver', () => {
  it('sends a long text, and several statements that are asked for together, in a write each', async () => {
    const target = { uri: inject('neo4jUri'), username: inject('neo4jUsername'), password: inject('neo4jPassword') };
    const driver = openDriver(target);
    onTestFinished(() => driver.close());
    const session = driver.session();
    const tx = session.beginTransaction();
    await tx.run('RETURN 1');
    const long = `RETURN $n AS n // ${'x'.repeat(14_000)}`;
    const writes = countWrites();
    const answers = await Promise.all([1, 2, 3].map((n) => tx.run(long, { n })));
    expect(answers.map(({ records }) => Number(records[0]?.get('n')))).toEqual([1, 2, 3]);
    expect(writes.of()).toBe(1);
    await tx.rollback();
    await session.close();
  });
});

describe('A connection', () => {
  async function listening(): Promise<{ server: Server; port: number; received: Buffer[] }> {
    const received: Buffer[] = [];
    const server = createServer((socket) => socket.on('data', (data: Buffer) => received.push(data)));
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, port: (server.address() as AddressInfo).port, received };
  }

  const opened = async (port: number, first: Buffer): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    socket.write(first);
    return socket;
  };

  it('that begins as Bolt does sends all of a turn in its order, and of the next turn by itself', async () => {
    gatherWrites();
    const { port, received } = await listening();
    const socket = await opened(port, MAGIC);
    const writes = countWrites();
    socket.write('a');
    await Promise.resolve();
    socket.write('b');
    socket.write('c');
    await new Promise(setImmediate);
    socket.write('d');
    await vi.waitFor(() => expect(Buffer.concat(received).subarray(MAGIC.length).toString()).toBe('abcd'));
    expect(writes.of()).toBe(2);
  });

  it('of another protocol is left alone', async () => {
    gatherWrites();
    const { port, received } = await listening();
    const socket = await opened(port, Buffer.from('GET / HTTP/1.1'));
    const corked = vi.spyOn(socket, 'cork');
    socket.write('a');
    socket.write('b');
    await vi.waitFor(() => expect(Buffer.concat(received).toString()).toMatch(/ab$/));
    expect(corked).not.toHaveBeenCalled();
  });
});
