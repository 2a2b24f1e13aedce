import type { EventListener } from '../../neo4j/event-listener.js';
import { foldCase } from '../../principals/accounts/fold-case.js';
import type { MigrationDatabase } from '../../neo4j/migrations/migration-database.js';
import { respellAssets, respellRevisions } from './assets.respelling.js';
import { Respelling, shown } from './respelling.js';
import * as stored from './stored-names.js';
import { renamedAmong, freeName, respelt } from './free-name.js';

/** Raise it with every change of spelling.ts or twins/name-keys.ts: then all names are looked through anew at the next start. */
const RULES = 1n;
/** So many collisions are kept beside the rules; all are told while it runs. */
const MOST_KEPT = 1_000;

/** Whether all names are spelt by the rules of this version. */
export async function hasSpellingsOfAll(graph: MigrationDatabase): Promise<boolean> {
  return (await graph.run(stored.READ_RULES))[0]?.['rules'] === RULES;
}

/**
 * Gives all names the one spelling in which they are looked for, and assets the keys by which near twins are found, unless that was
 * done by the rules of this version. Each name that collides with another in this spelling gets "~2" behind it and is told. What broke
 * off goes on at the next start.
 */
export async function writeSpellingsOfAll(graph: MigrationDatabase, onEvent: EventListener, now: Date): Promise<void> {
  if (await hasSpellingsOfAll(graph)) return;
  const work = new Respelling(graph, onEvent, now);
  const namespaces = await namespacesToRename(work);
  await respellAssets(work, new Map([...namespaces].map(([{ name }, renamed]) => [name, renamed])));
  await respellRevisions(work);
  // Only now: what an asset's namespace becomes is worked out from how namespaces were called.
  for (const [{ id }, name] of namespaces) await work.run(stored.RENAME_NAMESPACE, { id, name, now: work.now });
  await respellVersions(work);
  await respellPrincipals(work);
  await work.run(stored.WRITE_RULES, { rules: RULES, collisions: work.collisions.slice(0, MOST_KEPT) });
  work.finish();
}

async function namespacesToRename(work: Respelling): Promise<Map<{ id: string; name: string }, string>> {
  const all = await work.run<{ id: string; name: string }>(stored.NAMESPACES, {});
  const renamed = await renamedAmong(all);
  for (const [{ name: before }, name] of renamed) work.tell(`the namespace ${shown(before)}`, before, name);
  return renamed;
}

interface StoredVersion {
  key: string;
  assetId: string;
  version: string;
}

async function respellVersions(work: Respelling): Promise<void> {
  for await (const portion of work.portions<StoredVersion>(stored.VERSIONS, 'key')) {
    for (const { key, assetId, version: before } of portion) {
      const wanted = respelt(before, 'unnamed');
      if (wanted === before) continue;
      const keyOf = (name: string): string => `${assetId}:${name}`;
      const isTaken = async (name: string): Promise<boolean> =>
        (await work.run(stored.HAS_VERSION, { key: keyOf(name) })).length > 0;
      const version = await freeName(wanted, isTaken);
      await work.run(stored.RENAME_VERSION, { key, newKey: keyOf(version), version });
      work.tell(`the version ${shown(before)} of asset ${assetId}`, before, version);
    }
  }
}

/** Teams and service accounts have names of their own, each kind; people may share theirs. */
async function respellPrincipals(work: Respelling): Promise<void> {
  const all = await work.run<{ id: string; name: string; kind: string }>(stored.PRINCIPALS, {});
  const rename = async (id: string, before: string, name: string, nameKey: string | null): Promise<void> => {
    await work.run(stored.RENAME_PRINCIPAL, { id, name, nameKey, now: work.now });
    work.tell(`${shown(before)} (${id})`, before, name);
  };
  for (const kind of ['Team', 'ServiceAccount']) {
    const renamed = await renamedAmong(
      all.filter((each) => each.kind === kind),
      foldCase,
    );
    for (const [{ id, name: before }, name] of renamed) await rename(id, before, name, foldCase(name));
  }
  for (const { id, name: before, kind } of all) {
    const name = respelt(before, 'unnamed');
    if (kind === 'User' && name !== before) await rename(id, before, name, null);
  }
}
