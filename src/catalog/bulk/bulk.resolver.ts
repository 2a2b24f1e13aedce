import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { writeCursor } from '../../graphql/page.js';
import { RenameTagInput, UpdateAssetsInput } from './bulk.input.js';
import { UpdateAssetsPayload } from './bulk.payload.js';
import { type BulkOutcome, type BulkService, MATCHING } from './bulk.service.js';

@Resolver()
export class BulkResolver {
  constructor(private readonly bulk: BulkService) {}

  @Mutation(() => UpdateAssetsPayload, {
    description:
      'Changes the assets that match, a page of them with each call; with `dryRun` it counts and changes nothing. Each needs EDIT and is changed as by updateAsset, with its revision and its entry in the audit log; what cannot be changed stops no other. A call that was repeated changes nothing twice.',
  })
  async updateAssets(
    @Ctx() { actor }: Context,
    @Arg('input', () => UpdateAssetsInput, { description: 'The assets, and the change.' }) given: UpdateAssetsInput,
  ): Promise<UpdateAssetsPayload> {
    return payloadOf(await this.bulk.update(actor, given));
  }

  @Mutation(() => UpdateAssetsPayload, {
    description:
      'Puts one tag in the place of another, on all assets that you may EDIT, a page of them with each call; `matchedCount` is how many still have it. Retired assets too.',
  })
  async renameTag(
    @Ctx() { actor }: Context,
    @Arg('input', () => RenameTagInput, { description: 'The tag, and what it is called from now on.' })
    given: RenameTagInput,
  ): Promise<UpdateAssetsPayload> {
    return payloadOf(await this.bulk.renameTag(actor, given));
  }
}

function payloadOf({ matched, changed, unchanged, refused, looked, more, page }: BulkOutcome): UpdateAssetsPayload {
  const [first, last] = [looked[0], looked.at(-1)];
  return {
    matchedCount: matched,
    changedCount: changed.length,
    unchangedCount: unchanged,
    assets: changed,
    refused: refused.map(({ asset, error: { code, message } }) => ({ asset, code, message })),
    pageInfo: {
      hasNextPage: more,
      hasPreviousPage: page.after !== null,
      startCursor: first ? writeCursor(MATCHING, first.id) : null,
      endCursor: last ? writeCursor(MATCHING, last.id) : null,
    },
  };
}
