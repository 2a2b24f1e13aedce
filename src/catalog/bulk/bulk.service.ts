import type { Actor } from '../../auth/actor.js';
import { badInput, conflict, WeftlineError } from '../../errors.js';
import { pageOf, type Page } from '../../graphql/page.js';
import type { Graph } from '../../neo4j/graph.js';
import { checkObject, checkTags } from '../assets/asset.changes.js';
import type { AssetFilter, UpdateAssetInput } from '../assets/asset.input.js';
import type { AssetService } from '../assets/asset.service.js';
import type { Asset } from '../model/asset.js';
import type { AssetsChangeInput, RenameTagInput, UpdateAssetsInput } from './bulk.input.js';

/** So many are changed in one transaction: the locks are held for a moment only. */
const AT_ONCE = 25;
/** The name of the list that cursors are of. */
export const MATCHING = 'updateAssets';

/** What became of each. */
export interface BulkOutcome {
  matched: number;
  changed: Asset[];
  unchanged: number;
  refused: { asset: Asset; error: WeftlineError }[];
  /** Those that were looked at, and whether more match. */
  looked: Asset[];
  more: boolean;
  page: Page;
}

type Wanted = Pick<UpdateAssetsInput, 'dryRun' | 'expectedCount' | 'first' | 'after' | 'reason'> & {
  filter: AssetFilter;
  /** The update of one, by what it is when it is written. */
  of: (asset: Asset) => Omit<UpdateAssetInput, 'ref'>;
};
type Answer = Pick<BulkOutcome, 'changed' | 'unchanged' | 'refused'>;

/** Changes many assets by one call. */
export class BulkService {
  constructor(
    private readonly graph: Graph,
    private readonly assets: AssetService,
  ) {}

  /** Changes all that match, a page each call. Throws BAD_USER_INPUT, or CONFLICT where other than the expected number match. */
  update(actor: Actor, { change, ...input }: UpdateAssetsInput): Promise<BulkOutcome> {
    if (Object.values(change).every((each) => each === undefined))
      throw badInput('`change` is empty. Give what is to be changed.');
    return this.each(actor, { ...input, of: (asset) => updateOf(asset, change) });
  }

  /** Puts one tag in the place of another. Throws as `update`. */
  renameTag(actor: Actor, { tag, newTag, filter, ...input }: RenameTagInput): Promise<BulkOutcome> {
    if (tag === newTag) throw badInput(`The tag is called "${tag}" already. Give another name.`);
    checkTags([newTag]);
    const tags = [...(filter?.tags ?? []), tag];
    const matching: AssetFilter = Object.assign({}, filter, { includeRetired: true, tags });
    const of = ({ tags }: Asset) => ({
      tags: tags.includes(tag) ? tags.map((each) => (each === tag ? newTag : each)) : [...tags],
    });
    return this.each(actor, { ...input, filter: matching, of });
  }

  private async each(actor: Actor, wanted: Wanted): Promise<BulkOutcome> {
    const page = pageOf(MATCHING, { first: wanted.first, after: wanted.after });
    const matched = await this.assets.count(actor, wanted.filter);
    if (wanted.after == null && wanted.expectedCount != null && wanted.expectedCount !== matched)
      throw conflict(
        `${matched} assets match, and you expect ${wanted.expectedCount}. Look at them again with \`dryRun\`.`,
      );
    const { rows, more } = await this.assets.list(actor, wanted.filter, page);
    const outcome: BulkOutcome = { matched, changed: [], unchanged: 0, refused: [], looked: rows, more, page };
    for (let at = 0; at < rows.length; at += AT_ONCE) {
      const some = await this.together(actor, rows.slice(at, at + AT_ONCE), wanted);
      outcome.changed.push(...some.changed);
      outcome.unchanged += some.unchanged;
      outcome.refused.push(...some.refused);
    }
    return outcome;
  }

  /** In one transaction: one that is refused writes nothing, and stops no other. */
  private together(actor: Actor, assets: readonly Asset[], wanted: Wanted): Promise<Answer> {
    return this.graph.write(actor.origin, async (tx) => {
      const answer: Answer = { changed: [], unchanged: 0, refused: [] };
      for (const asset of assets) {
        try {
          const of = (now: Asset) => ({ ...wanted.of(now), reason: wanted.reason ?? null });
          const done = await this.assets.updateWithin(tx, actor, asset.id, { of, rehearsed: wanted.dryRun });
          if (done.changed) answer.changed.push(done.asset);
          else answer.unchanged += 1;
        } catch (error) {
          if (!(error instanceof WeftlineError) || error.code === 'UNAVAILABLE') throw error;
          answer.refused.push({ asset, error });
        }
      }
      return answer;
    });
  }
}

/** The update of an asset: the change, with the tags and properties that follow from those it has. */
function updateOf(asset: Asset, change: AssetsChangeInput): Omit<UpdateAssetInput, 'ref'> {
  const { addTags, removeTags, mergeProperties, ...rest } = change;
  const lost = new Set(removeTags);
  const retagged = addTags != null || removeTags != null;
  return {
    ...rest,
    ...(retagged ? { tags: [...asset.tags.filter((tag) => !lost.has(tag)), ...(addTags ?? [])] } : {}),
    ...(mergeProperties == null ? {} : { properties: merged(asset.properties, mergeProperties) }),
  };
}

function merged(properties: Record<string, unknown>, given: unknown): Record<string, unknown> {
  const all = new Map(Object.entries(properties));
  for (const [key, value] of Object.entries(checkObject('mergeProperties', given))) {
    if (value === null) all.delete(key);
    else all.set(key, value);
  }
  return Object.fromEntries(all);
}
