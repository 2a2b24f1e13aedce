import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './client.js';
import { neo4jOf, ServerProcess } from './server-process.js';
import { launch } from './training.js';

/** Random numbers from 0 to 1 that are the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Two servers with one home, and so with one Neo4j and one folder of jobs, that are killed and started again. */
export class Factory {
  private servers: ServerProcess[] = [];

  private constructor(
    private readonly home: string,
    private readonly environment: Record<string, string>,
  ) {}

  static async start(home: string, environment: Record<string, string>): Promise<Factory> {
    const factory = new Factory(home, environment);
    // The first makes what both share.
    for (const place of [0, 1]) factory.servers[place] = await factory.startOne();
    return factory;
  }

  admin(place: number): Client {
    return (this.servers[place] as ServerProcess).admin(this.home);
  }

  async killServer(place: number): Promise<void> {
    await this.servers[place]?.kill('SIGKILL');
    this.servers[place] = await this.startOne();
  }

  killNeo4j(): void {
    process.kill(neo4jOf(this.home).pid, 'SIGKILL');
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill('SIGTERM')));
  }

  /** Launches what must be accepted in the end, again and again with the same key, now here and now there. */
  async launch(input: Record<string, unknown>, random: () => number): Promise<string> {
    for (;;) {
      try {
        const answer = await launch(this.admin(random() < 0.5 ? 0 : 1), input);
        if (answer.id !== undefined) return answer.id;
      } catch {
        // A server or the database is being killed: so was the request.
      }
      await delay(200);
    }
  }

  /** An answer from whichever server gives one. */
  async ask<T>(query: string, variables: Record<string, unknown>): Promise<T> {
    for (let place = 0; ; place = 1 - place) {
      try {
        return await this.admin(place).data<T>(query, variables);
      } catch {
        await delay(500);
      }
    }
  }

  private async startOne(): Promise<ServerProcess> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ServerProcess.start(this.home, this.environment);
      } catch (error) {
        // The database was killed while it started.
        if (attempt === 20) throw error;
        await delay(500);
      }
    }
  }
}
