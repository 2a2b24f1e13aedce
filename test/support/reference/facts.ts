import type { Facts } from './assets.js';
import type { Replay } from './replay.js';

/** What the server shows of an asset. */
export interface ServerFacts {
  name: string;
  tags: string[];
  retiredAt: string | null;
  owners: { owner: { id: string } }[];
}

export const FACTS = 'name tags retiredAt owners { owner { id } }';

/** What the server shows, in the words of the model. */
export function told({ name, tags, retiredAt, owners }: ServerFacts, replay: Replay) {
  const ownedBy = owners.map(({ owner }) => replay.name(owner.id)).sort();
  return { name, tags: [...tags].sort(), retired: retiredAt !== null, owners: ownedBy };
}

/** What of the model's facts the server shows. */
export function factsOf({ name, tags, retired, owners }: Facts) {
  return { name, tags: [...tags].sort(), retired, owners: [...owners].sort() };
}
