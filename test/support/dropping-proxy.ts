/** Passes requests on, and loses the answers to some: what they asked for is done, and the asker cannot know. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface DroppingProxy {
  url: string;
  close(): Promise<void>;
}

/** Loses the first answer to a request that `isLost` picks. */
export async function dropAnswersOf(
  target: string,
  isLost: (incoming: IncomingMessage) => boolean,
): Promise<DroppingProxy> {
  let lost = false;
  const server = createServer((incoming, response) => {
    const { method, headers } = incoming;
    const onward = request(new URL(incoming.url ?? '/', target), { method, headers }, (answer) => {
      if (!lost && isLost(incoming)) {
        lost = true;
        response.destroy();
      } else {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
