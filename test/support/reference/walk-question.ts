import { stepArguments, type World } from './asking.js';
import type { Kind, Steps } from './events.js';
import type { Replay } from './replay.js';
import type { Filter, Walk } from './walk.js';

/** A walk, as bare as a wish is: which asset a number means is decided when the question is asked. */
export interface AskedWalk {
  viewer: string;
  walk: Steps & { filtered: boolean; ofKinds: boolean };
  kinds: Kind[];
  ignore: { kinds: Kind[]; tags: string[]; asset: number | null };
  until: { kinds: Kind[]; tags: string[]; owners: string[] };
}

/** The walk the question means, its roots aside. */
export function walkOf({ viewer, walk, kinds, ignore, until }: AskedWalk, { model }: World): Omit<Walk, 'roots'> {
  const { direction, depth, filtered, ofKinds } = walk;
  const visible = model.assets.names().filter((asset) => model.assets.isVisible(asset, viewer));
  // What is hidden cannot be named.
  const named = ignore.asset === null ? undefined : visible[ignore.asset % visible.length];
  const noise = { kinds: ignore.kinds, tags: ignore.tags, assets: named === undefined ? [] : [named] };
  return {
    ...{ direction, depth, kinds: ofKinds ? kinds : null },
    ...(filtered ? { ignore: filled(noise), until: filled(until) } : {}),
  };
}

/** An empty filter is refused. */
function filled(filter: Filter): Filter {
  return Object.values(filter).some((values: string[]) => values.length > 0) ? filter : { kinds: ['TRANSFORMATION'] };
}

/** The walk as arguments of `lineage`. */
export function argumentsOf({ kinds, ignore, until, ...steps }: Omit<Walk, 'roots'>, replay: Replay): string[] {
  return [
    ...stepArguments(steps),
    ...(kinds ? [`kinds: [${kinds.join()}]`] : []),
    ...(ignore ? [`ignore: ${filterOf(ignore, replay)}`] : []),
    ...(until ? [`until: ${filterOf(until, replay)}`] : []),
  ];
}

function filterOf({ kinds = [], tags = [], owners = [], assets = [] }: Filter, replay: Replay): string {
  const texts = (name: string, values: string[]): string[] =>
    values.length === 0 ? [] : [`${name}: ${JSON.stringify(values)}`];
  const ids = (names: string[]): string[] => names.map((name) => replay.id(name));
  const given = [
    ...(kinds.length === 0 ? [] : [`kinds: [${kinds.join()}]`]),
    ...texts('tags', tags),
    ...texts('owners', ids(owners)),
    ...texts('refs', ids(assets)),
  ];
  return `{${given.join(', ')}}`;
}
