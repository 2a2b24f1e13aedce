import type { Kind, Moment } from './events.js';

/** What is known of an asset. */
export interface Facts {
  name: string;
  tags: string[];
  /** By their short names. */
  owners: string[];
  restricted: boolean;
  retired: boolean;
}

interface Asset {
  kind: Kind;
  /** What it became, and when: the oldest first. */
  revisions: { at: Moment; facts: Facts }[];
}

/** All assets with all they ever were. What is recorded of an asset is true from the moment it is recorded. */
export class Assets {
  private readonly assets = new Map<string, Asset>();

  register(asset: string, kind: Kind, facts: Facts, now: Moment): void {
    this.assets.set(asset, { kind, revisions: [{ at: now, facts }] });
  }

  change(asset: string, change: Partial<Facts>, now: Moment): void {
    this.of(asset).revisions.push({ at: now, facts: { ...this.now(asset), ...change } });
  }

  names(): string[] {
    return [...this.assets.keys()];
  }

  ofKind(...kinds: Kind[]): string[] {
    return this.names().filter((asset) => kinds.includes(this.kind(asset)));
  }

  kind(asset: string): Kind {
    return this.of(asset).kind;
  }

  now(asset: string): Facts {
    return this.at(asset, Infinity) ?? fail(asset);
  }

  /** null: it was not registered yet. */
  at(asset: string, moment: Moment): Facts | null {
    return this.of(asset).revisions.findLast((revision) => revision.at <= moment)?.facts ?? null;
  }

  /** As lineage shows it: as it first was, for the time before it was registered. */
  shownAt(asset: string, moment: Moment): Facts {
    return this.at(asset, moment) ?? this.of(asset).revisions[0]?.facts ?? fail(asset);
  }

  /** Who may see it is a question of now, whatever time is asked about. */
  isVisible(asset: string, viewer: string): boolean {
    const { restricted, owners } = this.now(asset);
    return !restricted || owners.includes(viewer);
  }

  private of(asset: string): Asset {
    return this.assets.get(asset) ?? fail(asset);
  }
}

function fail(asset: string): never {
  throw new Error(`The model has no asset "${asset}".`);
}
