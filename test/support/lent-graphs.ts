import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Driver } from 'neo4j-driver';
import { type EmbeddedNeo4j, startEmbeddedNeo4j, stopAbandonedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { migrate } from '../../src/wiring/migrate.js';
import { emptiedTo, type GraphAsItWas, strippedBare, writtenDown } from './graph-as-it-was.js';

interface LentGraph {
  database: EmbeddedNeo4j;
  driver: Driver;
  /** Null for one without schema and data, as Neo4j makes it. */
  asMigrated: GraphAsItWas | null;
  free: boolean;
}

/**
 * Graphs that a file of tests has for itself, as migrations leave them or as Neo4j makes them. Each is a Neo4j that is started when none is free, and
 * lent again once it is given back: a Neo4j of a file's own is cold for the minute that it lives. Files ask over HTTP, for they
 * run in other processes than the one that starts and stops servers; see `ownGraph`.
 */
export class LentGraphs {
  private readonly graphs: Promise<LentGraph>[] = [];
  private readonly interruption = new AbortController();
  private readonly door: Server = createServer((request, response) => void this.answer(request, response));

  /** `home`: the beginning of the folders, which nobody else uses. */
  private constructor(private readonly home: string) {}

  static async open(home: string): Promise<LentGraphs> {
    const lent = new LentGraphs(home);
    await new Promise<void>((resolve) => lent.door.listen(0, '127.0.0.1', resolve));
    return lent;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.door.address() as AddressInfo).port}`;
  }

  /** Stops all of them, whether they were given back or not. */
  async close(): Promise<void> {
    this.interruption.abort(new Error('The run is over.'));
    this.door.closeAllConnections();
    this.door.close();
    for (const outcome of await Promise.allSettled(this.graphs)) {
      if (outcome.status === 'rejected') continue;
      await outcome.value.driver.close();
      await outcome.value.database.stop();
    }
    this.graphs.forEach((_graph, index) => rmSync(this.homeOf(index), { recursive: true, force: true }));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { uri, username, password } = await this.lendOrTakeBack(request.url?.slice(1) ?? '');
      response.end(JSON.stringify({ uri, username, password }));
    } catch (error) {
      response.writeHead(500).end(error instanceof Error ? error.message : String(error));
    }
  }

  private lendOrTakeBack(words: string): Promise<EmbeddedNeo4j> {
    if (words === 'lend-migrated') return this.lend(true);
    return words === 'lend-bare' ? this.lend(false) : this.takeBack(words);
  }

  private async lend(migrated: boolean): Promise<EmbeddedNeo4j> {
    for (const starting of this.graphs) {
      const graph = await starting;
      if (!graph.free || (graph.asMigrated !== null) !== migrated) continue;
      graph.free = false;
      return graph.database;
    }
    const index = this.graphs.length;
    const starting = this.start(this.homeOf(index), migrated);
    this.graphs.push(starting);
    return (await starting).database;
  }

  private async takeBack(port: string): Promise<EmbeddedNeo4j> {
    for (const starting of this.graphs) {
      const { database, driver, asMigrated } = await starting;
      if (new URL(database.uri).port !== port) continue;
      await (asMigrated === null ? strippedBare(driver) : emptiedTo(driver, asMigrated));
      (await starting).free = true;
      return database;
    }
    throw new Error(`No graph was lent at port ${port}.`);
  }

  private homeOf(index: number): string {
    return `${this.home}-lent-${index + 1}`;
  }

  private async start(home: string, migrated: boolean): Promise<LentGraph> {
    await stopAbandonedNeo4j(home);
    rmSync(home, { recursive: true, force: true });
    const { signal } = this.interruption;
    const database = await startEmbeddedNeo4j({ home, signal, heapMegabytes: 512, keepPlans: true });
    const driver = openDriver(database);
    try {
      if (!migrated) return { database, driver, asMigrated: null, free: false };
      await migrate(driver, { database: 'neo4j' });
      return { database, driver, asMigrated: await writtenDown(driver), free: false };
    } catch (error) {
      await driver.close();
      await database.stop();
      throw error;
    }
  }
}
