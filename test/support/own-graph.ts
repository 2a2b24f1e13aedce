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
export async function ownGraph(): Promise<OwnGraph> {
  const lent = await asked<Omit<OwnGraph, 'giveBack'>>('lend');
  return {
    ...lent,
    giveBack: async () => {
      await asked(new URL(lent.uri).port);
    },
  };
}

async function asked<Answer>(path: string): Promise<Answer> {
  const response = await fetch(`${inject('lentGraphs')}/${path}`, { method: 'POST' });
  if (!response.ok) throw new Error(`No graph of its own for this file: ${await response.text()}`);
  return (await response.json()) as Answer;
}
