import { inject } from 'vitest';

/** A Neo4j that is no other file's. */
export interface OwnGraph {
  uri: string;
  username: string;
  password: string;
  /** Gives it back; the next file has it emptied. Nothing of the test may write to it any more. */
  giveBack: () => Promise<void>;
}

/** A graph as the migrations leave it, for a file whose doings others must not meet. */
export const ownGraph = (): Promise<OwnGraph> => lent('lend-migrated');

/** A graph without anything in it, constraints and indexes too, for a file that migrates by itself. */
export const ownBareGraph = (): Promise<OwnGraph> => lent('lend-bare');

async function lent(wanted: string): Promise<OwnGraph> {
  const graph = await asked<Omit<OwnGraph, 'giveBack'>>(wanted);
  return {
    ...graph,
    giveBack: async () => {
      await asked(new URL(graph.uri).port);
    },
  };
}

async function asked<Answer>(path: string): Promise<Answer> {
  const response = await fetch(`${inject('lentGraphs')}/${path}`, { method: 'POST' });
  if (!response.ok) throw new Error(`No graph of its own for this file: ${await response.text()}`);
  return (await response.json()) as Answer;
}
