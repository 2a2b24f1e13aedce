import { Agent, request } from 'node:http';

/** Asks a GraphQL server over a connection that stays open. */
export interface GraphqlClient {
  /** The data of the answer, parsed. Throws for an answer that holds an error. */
  ask: (query: string, variables: Record<string, unknown>) => Promise<unknown>;
  close: () => void;
}

export function openClient(url: string, token: string | null): GraphqlClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/json', ...authorization };
  const ask = async (query: string, variables: Record<string, unknown>): Promise<unknown> => {
    const body = JSON.stringify({ query, variables });
    const answer = JSON.parse(await post(url, body, { agent, headers })) as { data?: unknown; errors?: unknown };
    if (answer.errors !== undefined)
      throw new Error(`${url} refused: ${JSON.stringify(answer.errors).slice(0, 2_000)}`);
    return answer.data;
  };
  return { ask, close: () => agent.destroy() };
}

function post(url: string, body: string, how: { agent: Agent; headers: Record<string, string> }): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { ...how.headers, 'content-length': Buffer.byteLength(body) };
    const asked = request(url, { method: 'POST', agent: how.agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      response.once('error', reject);
    });
    asked.once('error', reject);
    asked.end(body);
  });
}
