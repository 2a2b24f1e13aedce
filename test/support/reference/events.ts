/**
 * A history is a list of events, one at each even moment: 2, 4, 6 … after its beginning. Odd moments lie between two
 * events, negative ones before the first asset was registered. A moment is a millisecond of the server's clock.
 *
 * Everything has a short name here ("d1" a data set, "r2" a run): the model knows nothing else, and the replay
 * (replay.ts) keeps which id the server gave to which name.
 */
export type Moment = number;

export type Kind = 'DATASET' | 'TRANSFORMATION' | 'MODEL' | 'DEPLOYMENT';
export type Scope = 'FLOWS' | 'RUN' | 'TRANSFORMATION';
export type Direction = 'UPSTREAM' | 'DOWNSTREAM' | 'BOTH';

/** How far a question walks, and which way. */
export interface Steps {
  direction: Direction;
  depth: number;
}

export interface Flow {
  source: string;
  target: string;
}

/** Which statements of a source are meant: exactly one of these. */
export type Selection = { flows: Flow[] } | { run: string } | { transformation: string } | { everything: true };

export type Event =
  | { do: 'register'; asset: string; kind: Kind }
  | { do: 'rename'; asset: string; name: string }
  | { do: 'retire'; asset: string; retired: boolean }
  | { do: 'tag'; asset: string; tags: string[] }
  | { do: 'own'; asset: string; owners: string[] }
  | { do: 'restrict'; asset: string; restricted: boolean }
  | {
      do: 'claim';
      source: string;
      flows: Flow[];
      scope: Scope;
      run: string | null;
      /** With the scope TRANSFORMATION and no flows: what the source has nothing more to say of. */
      transformation: string | null;
      from: Moment | null;
      until: Moment | null;
    }
  | { do: 'retract'; source: string; what: Selection; from: Moment | null }
  | { do: 'publish'; asset: string; version: string }
  | { do: 'start'; run: string; transformation: string; inputs: string[]; startedAt: Moment }
  | { do: 'finish'; run: string; outputs: string[] }
  | { do: 'deploy'; version: string; deployment: string };

/** Which kinds can feed which. */
export const FEEDS: Record<Kind, readonly Kind[]> = {
  DATASET: ['TRANSFORMATION'],
  TRANSFORMATION: ['DATASET', 'MODEL'],
  MODEL: ['TRANSFORMATION', 'DEPLOYMENT'],
  DEPLOYMENT: ['DATASET'],
};
