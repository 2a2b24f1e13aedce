/** The ways in which GraphQL is asked: every route by every method, so that what holds is held on all of them. */
import type { GraphqlError } from './client.js';

export interface Asking {
  query: string;
  variables?: unknown;
  operationName?: unknown;
  extensions?: unknown;
}

export interface Way {
  name: string;
  route: '/graphql' | '/graphql/stream';
  method: 'GET' | 'POST';
}

export const WAYS: readonly Way[] = [
  { name: 'POST /graphql', route: '/graphql', method: 'POST' },
  { name: 'GET /graphql', route: '/graphql', method: 'GET' },
  { name: 'POST /graphql/stream', route: '/graphql/stream', method: 'POST' },
  { name: 'GET /graphql/stream', route: '/graphql/stream', method: 'GET' },
];

export interface Told {
  status: number;
  requestId: string;
  text: string;
  errors: GraphqlError[];
  data: unknown;
}

/** Asks by one way. A GET has all in its address and sends what tells it from a link on another page. */
export async function askBy(
  { route, method }: Way,
  address: string,
  asking: Asking,
  headers: Record<string, string> = {},
): Promise<Told> {
  const accept = route === '/graphql' ? 'application/graphql-response+json' : 'text/event-stream';
  const sent = { accept, 'content-type': 'application/json', 'apollo-require-preflight': '1', ...headers };
  const response =
    method === 'POST'
      ? await fetch(address + route, { method, headers: sent, body: JSON.stringify(asking) })
      : await fetch(`${address}${route}?${inAddress(asking)}`, { headers: sent });
  const text = await response.text();
  const requestId = response.headers.get('x-request-id') ?? '';
  const { errors = [], data = null } = JSON.parse(text) as { errors?: GraphqlError[]; data?: unknown };
  return { status: response.status, requestId, text, errors, data };
}

/** All of it in the query of an address. */
export function inAddress(asking: Asking): string {
  const parts = Object.entries(asking).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return new URLSearchParams(parts).toString();
}
