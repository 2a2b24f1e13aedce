/** A client of the public API, as anyone would write one: GraphQL over HTTP, subscriptions as server-sent events. */
export class DemoClient {
  constructor(
    readonly address: string,
    readonly token: string,
  ) {}

  /** The data of an answer. Throws with the messages of the errors it holds. */
  async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await this.post('/graphql', 'application/json', { query, variables });
    const answer = (await response.json()) as { data?: T | null; errors?: { message: string }[] };
    if (answer.errors || !answer.data) {
      throw new Error(
        `The server refused: ${answer.errors?.map((error) => error.message).join(' ') ?? response.statusText}`,
      );
    }
    return answer.data;
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
