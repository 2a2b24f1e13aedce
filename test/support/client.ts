export interface GraphqlError {
  message: string;
  path?: (string | number)[];
  extensions: { code: string } & Record<string, unknown>;
}

export interface GraphqlAnswer<T> {
  data: T | null;
  errors?: GraphqlError[];
  extensions?: { consistency?: string };
}

/** A GraphQL client as a user of the API would write one: HTTP and nothing else. */
export class Client {
  constructor(
    readonly address: string,
    readonly token: string | null,
    readonly userId: string,
  ) {}

  /** The whole answer, errors included. */
  async ask<T = Record<string, unknown>>(
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<GraphqlAnswer<T>> {
    const response = await fetch(`${this.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.authorization() },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as GraphqlAnswer<T>;
  }

  /** The data of an answer that must hold no error. */
  async data<T = Record<string, unknown>>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, errors } = await this.ask<T>(query, variables);
    if (errors || data === null) throw new Error(`The answer held errors: ${JSON.stringify(errors)}`);
    return data;
  }

  /** The code of the first error of an answer that must hold one. */
  async code(query: string, variables: Record<string, unknown> = {}): Promise<string> {
    return (await this.error(query, variables)).extensions.code;
  }

  /** The first error of an answer that must hold one. */
  async error(query: string, variables: Record<string, unknown> = {}): Promise<GraphqlError> {
    const answer = await this.ask(query, variables);
    const first = answer.errors?.[0];
    if (!first) throw new Error(`The answer held no error: ${JSON.stringify(answer.data)}`);
    return first;
  }

  /**
   * Opens a subscription. Answers when the server has begun to stream, so that what is done from then on is surely heard,
   * or has refused to: then the refusal is all that `events` give.
   */
  async open<T = Record<string, unknown>>(
    query: string,
    variables: Record<string, unknown> = {},
    signal?: AbortSignal,
  ): Promise<{ refused: boolean; events: AsyncGenerator<GraphqlAnswer<T>> }> {
    const response = await fetch(`${this.address}/graphql/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...this.authorization() },
      body: JSON.stringify({ query, variables }),
      ...(signal ? { signal } : {}),
    });
    const refused = !response.body || !response.headers.get('content-type')?.includes('event-stream');
    return { refused, events: refused ? once<T>(response) : eventsOf<T>(response) };
  }

  /** The events of a subscription, until it ends or `signal` is aborted. */
  async *subscribe<T = Record<string, unknown>>(
    query: string,
    variables: Record<string, unknown> = {},
    signal?: AbortSignal,
  ): AsyncGenerator<GraphqlAnswer<T>> {
    yield* (await this.open<T>(query, variables, signal)).events;
  }

  private authorization(): Record<string, string> {
    return this.token === null ? {} : { authorization: `Bearer ${this.token}` };
  }
}

async function* once<T>(response: Response): AsyncGenerator<GraphqlAnswer<T>> {
  yield (await response.json()) as GraphqlAnswer<T>;
}

async function* eventsOf<T>({ body }: Response): AsyncGenerator<GraphqlAnswer<T>> {
  let rest = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const messages = (rest + chunk).split('\n\n');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const data = /^data: ?(.+)$/m.exec(message)?.[1];
      if (/^event: next$/m.test(message) && data) yield JSON.parse(data) as GraphqlAnswer<T>;
    }
  }
}
