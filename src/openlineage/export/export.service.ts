import type { Actor } from '../../auth/actor.js';
import { clocksOf } from '../../catalog/model/as-of.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { DryRun } from '../../catalog/model/denied.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import { limitExceeded } from '../../errors.js';
import {
  type Direction,
  MAX_LINEAGE_DEPTH,
  MAX_LINEAGE_PAGE,
  type LineageQuestion,
} from '../../lineage/trace/lineage.js';
import type { LineageService } from '../../lineage/trace/lineage.service.js';
import type { DecidesExports } from '../../governance/decisions/decides.port.js';
import { type Closure, type ClosureEvents } from './closure-events.js';

/** Larger ones are exported in parts: upstream of one asset after the other. */
const MOST_ASSETS = 20_000;
/** At the same time, of all callers. */
const MOST_AT_ONCE = 4;

/** Which way, and as of which of the two clocks; null: now. */
export interface AskedExport {
  direction: Direction;
  asOf: Date | null;
  knownAt: Date | null;
}

/** A lineage that is written out. */
export interface OpenedExport {
  /** Assets that the caller may not see and that are left out. */
  withheldAssets: number;
  lines: AsyncGenerator<string>;
}

/** Gives the lineage of an asset as events that rebuild it elsewhere: what the caller may see, and how much they may not. */
export class LineageExport {
  private open = 0;

  constructor(
    private readonly lineage: LineageService,
    private readonly events: ClosureEvents,
    private readonly decides: DecidesExports,
    private readonly now: () => Date,
  ) {}

  /**
   * What is upstream of the asset, or downstream, or both; the lines are read from the database as they are taken. Throws NOT_FOUND,
   * BAD_USER_INPUT, LIMIT_EXCEEDED or FORBIDDEN before there is a line.
   */
  async openFor(actor: Actor, ref: string, asked: AskedExport): Promise<OpenedExport> {
    if (this.open >= MOST_AT_ONCE)
      throw limitExceeded(
        `${MOST_AT_ONCE} exports are under way, and more at once are not possible. Try again in a moment.`,
      );
    this.open += 1;
    let isOpen = true;
    const close = (): void => {
      if (isOpen) this.open -= 1;
      isOpen = false;
    };
    try {
      const closure = await this.closureOf(actor, ref, asked);
      await this.account(actor, closure, asked);
      const lines = this.lines(actor, closure, { asked, close });
      return { withheldAssets: closure.withheldAssets, lines };
    } catch (error) {
      close();
      throw error;
    }
  }

  /** What would come of it by rights, faults and policies; nothing is read out, and nothing kept. Throws as `openFor` does. */
  async foresee(actor: Actor, ref: string, asked: AskedExport): Promise<{ withheldAssets: number; dryRun: DryRun }> {
    const { root, withheldAssets } = await this.closureOf(actor, ref, asked);
    return { withheldAssets, dryRun: await this.decides.foresee(actor, root) };
  }

  private async *lines(
    actor: Actor,
    closure: Closure,
    { asked, close }: { asked: AskedExport; close: () => void },
  ): AsyncGenerator<string> {
    try {
      const isNow = asked.asOf === null && asked.knownAt === null;
      const events = this.events.asOf(isNow ? null : clocksOf(actor, asked, this.now()));
      for await (const event of events.of(actor, closure)) yield `${JSON.stringify(event)}\n`;
    } finally {
      close();
    }
  }

  private async closureOf(actor: Actor, ref: string, asked: AskedExport): Promise<Closure> {
    const kinds = new Map<string, AssetKind>();
    let root: Asset | undefined;
    let withheldAssets = 0;
    for (let after: string | null = null, isFirst = true; ; isFirst = false) {
      const page = await this.lineage.trace(actor, [ref], question(asked, after, isFirst));
      root ??= page.roots[0];
      if (isFirst) withheldAssets = page.completeness.hiddenNodes;
      for (const { asset } of page.nodes) if (asset) kinds.set(asset.id, asset.kind);
      if (kinds.size >= MOST_ASSETS)
        throw limitExceeded(
          `The lineage of ${root?.urn ?? ref} has more than ${MOST_ASSETS.toLocaleString('en-US')} assets. Export that of assets nearer to its sources.`,
        );
      after = page.page.endCursor;
      if (!page.page.hasNextPage || after === null) break;
    }
    if (!root) throw new Error('A lineage has no root.');
    kinds.set(root.id, root.kind);
    return { root, kinds, withheldAssets };
  }

  private account(
    actor: Actor,
    { root, kinds, withheldAssets }: Closure,
    { direction, asOf, knownAt }: AskedExport,
  ): Promise<void> {
    const clocks = { ...(asOf && { asOf: asOf.toISOString() }), ...(knownAt && { knownAt: knownAt.toISOString() }) };
    return this.decides.account(actor, root, {
      action: 'lineage:export',
      ...{ targetId: root.id, targetName: root.urn, assetIds: [root.id] },
      after: { direction, ...clocks, assets: kinds.size, withheldAssets },
      at: this.now(),
    });
  }
}

const question = (asked: AskedExport, after: string | null, completeness: boolean): LineageQuestion => ({
  ...{ ...asked, depth: MAX_LINEAGE_DEPTH, kinds: null, ignore: null, until: null },
  ...{ first: MAX_LINEAGE_PAGE, after },
  wants: {
    ...{ page: true, edges: false, claims: false, more: false, assets: false, names: true },
    ...{ fields: false, total: false, completeness },
  },
});
