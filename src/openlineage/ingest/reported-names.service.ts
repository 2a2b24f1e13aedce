import { type Actor, actorId } from '../../auth/actor.js';
import { beyondNamespaces } from '../../auth/report-limits.js';
import type { AliasService } from '../../access/aliases/alias.service.js';
import { nameTokens, namespaceTokens } from '../../catalog/text/searched.js';
import type { RegistrationService } from '../../catalog/registration/registration.service.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { IngestRepository } from './ingest.repository.js';
import { mayTellOf } from './reporting-rights.js';
import { newNames, type Symlink, symlinksIn } from './symlinks.js';
import type { AssetsByUrn, Taken } from './taken.js';

/** By urn, the names that become names of another data set. */
export type NewNames = ReadonlyMap<string, Symlink>;

/** Makes the other names that events tell of known, and proposes where such a name is a data set of its own already. */
export class ReportedNames {
  constructor(
    private readonly rows: IngestRepository,
    private readonly registrations: RegistrationService,
    private readonly aliases: AliasService,
  ) {}

  /** Which names nothing has yet, and the actor may give: `ids` are of the names that are there. */
  async find(
    tx: WriteTransaction,
    actor: Actor,
    taken: readonly Taken[],
    { assets, ids }: { assets: AssetsByUrn; ids: ReadonlyMap<string, string> },
  ): Promise<NewNames> {
    const wanted = symlinksIn(taken).names.filter(({ of, name }) => {
      const asset = assets.get(of.urn);
      const isWithin = beyondNamespaces(actor.reportLimits, name, (member) => member) === null;
      return isWithin && !ids.has(name.key) && (!asset || mayTellOf(actor, asset));
    });
    if (wanted.length === 0) return new Map();
    const closed = await this.registrations.refusals(
      tx,
      actor,
      wanted.map(({ name }) => name.namespace),
    );
    return newNames(
      wanted.filter(({ name }) => !closed.has(name.namespace)),
      assets,
    );
  }

  /** Keeps the new names, and proposes that two be joined of which one is said to be a name of the other. */
  async write(
    tx: WriteTransaction,
    actor: Actor,
    taken: readonly Taken[],
    { assets, ids, fresh }: { assets: AssetsByUrn; ids: ReadonlyMap<string, string>; fresh: NewNames },
  ): Promise<void> {
    await this.rows.addSymlinks(
      tx,
      actorId(actor),
      [...fresh.values()].flatMap(({ of, name }) => {
        const id = assets.get(of.urn)?.id;
        const words = { nameTokens: nameTokens(name.name), namespaceTokens: namespaceTokens(name.namespace) };
        return id === undefined ? [] : [{ id, key: name.key, urn: name.urn, ...words }];
      }),
    );
    const { names, places } = symlinksIn(taken);
    for (const { of, name } of [...names, ...places]) {
      const asset = assets.get(of.urn);
      const other = ids.get(name.key) ?? assets.get(name.urn)?.id;
      if (!asset || other === undefined || other === asset.id || !mayTellOf(actor, asset)) continue;
      const reason = `A producer names ${name.urn} as another name of ${of.urn} (facet symlinks).`;
      await this.aliases.proposeOnce(tx, actor, [asset.id, other], [...reason].slice(0, 2_000).join(''));
    }
  }
}
