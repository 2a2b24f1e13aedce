interface Answer<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string } }[];
}

const MOST_ATTEMPTS = 3;

/** A client of the public API, as anyone would write one: GraphQL over HTTP, subscriptions as server-sent events. */
export class DemoClient {
  constructor(
    readonly address: string,
    readonly token: string,
  ) {}

  /**
   * The data of an answer. What is UNAVAILABLE just now, such as a database that is slow because it has just started, is
   * asked for again when nothing can be changed by that. Throws with the messages of the errors it holds.
   */
  async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.post('/graphql', 'application/json', { query, variables });
      const { data, errors } = (await response.json()) as Answer<T>;
      if (!errors && data) return data;
      const isUnavailable = errors?.some((error) => error.extensions?.code === 'UNAVAILABLE') ?? false;
      if (isUnavailable && query.startsWith('query') && attempt < MOST_ATTEMPTS) continue;
      throw new Error(`The server refused: ${errors?.map((error) => error.message).join(' ') ?? response.statusText}`);
    }
  }

  /** Whether the token still signs somebody in. */
  async works(): Promise<boolean> {
    return (await this.post('/graphql', 'application/json', { query: '{ viewer { id } }' })).status === 200;
  }

  /** The events of a subscription until the server ends it. */
  async *follow<T>(query: string, variables: Record<string, unknown>): AsyncGenerator<T> {
    const response = await this.post('/graphql/stream', 'text/event-stream', { query, variables });
    if (!response.ok || !response.body) throw new Error(`The stream was refused: ${await response.text()}`);
    let rest = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const messages = (rest + chunk).split('\n\n');
      rest = messages.pop() ?? '';
      for (const message of messages) {
        const data = /^event: next\ndata: ?(.+)$/m.exec(message)?.[1];
        if (data) yield (JSON.parse(data) as { data: T }).data;
      }
    }
  }

  private post(path: string, accept: string, body: unknown): Promise<Response> {
    return fetch(`${this.address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${this.token}` },
      body: JSON.stringify(body),
    });
  }
}
