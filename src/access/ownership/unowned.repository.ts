import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { decodeAsset } from '../../catalog/model/asset.decode.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { Row } from '../../neo4j/row.js';
import * as cypher from './unowned.cypher.js';
import type { UnownedAsset } from './unowned.js';

export interface WantedUnowned {
  kinds: readonly AssetKind[];
  /** null: all. */
  namespaces: readonly string[] | null;
}

export class UnownedRepository extends ActorReads {
  async list(actor: Actor, wanted: WantedUnowned, page: Page): Promise<PageRows<UnownedAsset>> {
    const statement = wanted.namespaces === null ? cypher.LIST_UNOWNED : cypher.LIST_UNOWNED_IN;
    const { cypher: text, window } = pageStatement(statement, page);
    const rows = await this.read(actor, text, { ...window, ...parametersOf(wanted) });
    return cutPage(rows.map(decodeUnowned), page);
  }

  async count(actor: Actor, wanted: WantedUnowned): Promise<number> {
    const statement = wanted.namespaces === null ? cypher.COUNT_UNOWNED : cypher.COUNT_UNOWNED_IN;
    const all = { low: '', high: '~', ...parametersOf(wanted) };
    return (await this.read(actor, statement, all))[0]?.int('total') ?? 0;
  }
}

const parametersOf = ({ kinds, namespaces }: WantedUnowned) => ({ kinds, ...(namespaces && { namespaces }) });

function decodeUnowned(row: Row): UnownedAsset {
  const asset = decodeAsset(row.row('asset'));
  return { id: asset.id, asset, since: row.time('since'), broughtInById: row.maybeText('broughtInBy') };
}
