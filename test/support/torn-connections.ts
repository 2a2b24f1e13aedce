/** Passes bytes on between a driver and Neo4j, and harms the connections it is told to harm, at one byte of the answer. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Harm {
  /** The byte of what the database sends, counted from the beginning of the connection. */
  at: number;
  /** `cut`: all before it arrives and the connection ends; `reset`: so, and rudely; `flip`: it arrives as another byte. */
  how: 'cut' | 'reset' | 'flip' | 'stall';
}

export interface TornConnections {
  uri: string;
  /** The next connections, one each; those after them are left alone. */
  harm: (harms: readonly Harm[]) => void;
  close: () => Promise<void>;
}

/** Between the asker and the database at the uri. */
export async function tearConnectionsTo(target: string): Promise<TornConnections> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let waiting: Harm[] = [];
  const server = createServer((client) => {
    const database = connect({ host: hostname, port: Number(port) });
    for (const socket of [client, database]) {
      sockets.add(socket);
      // Whichever side breaks, the other is told in the same way.
      socket.on('error', () => undefined).once('close', () => [client, database].forEach((each) => each.destroy()));
    }
    client.pipe(database);
    passOn(database, client, waiting.shift() ?? null);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    uri: `bolt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    harm: (harms) => void (waiting = [...harms]),
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function passOn(from: Socket, to: Socket, harm: Harm | null): void {
  let passed = 0;
  from.on('data', (chunk: Buffer) => {
    const place = harm === null ? -1 : harm.at - passed;
    passed += chunk.length;
    if (harm === null || place < 0 || place >= chunk.length) {
      if (harm?.how !== 'stall' || passed <= harm.at) to.write(chunk);
    } else if (harm.how === 'flip') {
      to.write(Buffer.from(chunk.map((byte, index) => (index === place ? byte ^ 0xff : byte))));
    } else if (harm.how === 'stall') {
      to.write(chunk.subarray(0, place));
    } else {
      to.write(chunk.subarray(0, place), () => (harm.how === 'reset' ? to.resetAndDestroy() : to.end()));
    }
  });
}
