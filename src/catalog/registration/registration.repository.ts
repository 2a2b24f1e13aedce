import { entryOf } from '../../audit/record/record.js';
import { type Actor, actorId, viewerOf } from '../../auth/actor.js';
import { badInput, type WeftlineError } from '../../errors.js';
import { newId, randomId } from '../../ids.js';
import { ConstraintViolation } from '../../neo4j/driver-errors.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import { portionsOf } from '../../neo4j/portions.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import { mapInTurns } from '../../turn.js';
import { type Asset, type AssetField, TYPE_OF_KIND } from '../model/asset.js';
import { storedAsset, auditedVisibility } from '../assets/asset.changes.js';
import type { NewField } from '../assets/dataset-fields.repository.js';
import { decodeTerms } from '../model/namespace.decode.js';
import type { RegistrationTerms } from '../model/namespace.js';
import * as cypher from './registration.cypher.js';
import type { Draft } from './registration.draft.js';
import { wholesOf } from '../model/field-path.js';
import { idKey, urnKey, urnTaken } from '../model/urn.js';

/** An asset that is there now, with the terms under which it came in; or why it is not. */
export type Registered = { asset: Asset; terms: RegistrationTerms } | { error: WeftlineError };

/** Of one statement: drafts, and fields of all of them. */
const AT_ONCE = { items: 100, weight: 2_000, weightOf: ({ fields }: RegistrationRow): number => fields.length };

/** Writes new assets, each with all that belongs to it. */
export class RegistrationRepository {
  /** What decides whether the actor may register in each of the namespaces, without a lock. */
  async terms(tx: WriteTransaction, actor: Actor, names: readonly string[]): Promise<Map<string, RegistrationTerms>> {
    const rows = await tx.run(cypher.TERMS_OF_NAMESPACES, { names, viewer: viewerOf(actor) });
    return new Map(rows.map((row) => [row.text('name'), decodeTerms(row.row('terms'))]));
  }

  /**
   * Registers the drafts; of each it answers what became of it, in their order. One that cannot be stops no other: CONFLICT when
   * the urn is taken, BAD_USER_INPUT when an owner does not exist or is disabled. Throws `UrnTakenMeanwhile` when somebody else
   * registered one of them at this moment: nothing is kept then.
   */
  async register(tx: WriteTransaction, actor: Actor, drafts: readonly Draft[]): Promise<Registered[]> {
    const rows = await mapInTurns(drafts.entries(), ([place, draft]) => registrationRow(tx, actor, draft, place));
    const shared = { viewer: viewerOf(actor), now: drafts[0]?.asset.createdAt };
    const said: Row[] = [];
    try {
      for (const portion of portionsOf(rows, AT_ONCE))
        said.push(...(await tx.run(cypher.REGISTER_ASSETS, { ...shared, rows: portion })));
      return outcomesOf(drafts, said);
    } catch (error) {
      throw error instanceof ConstraintViolation ? new UrnTakenMeanwhile() : error;
    }
  }
}

/** What the rows say of each of the drafts. */
function outcomesOf(drafts: readonly Draft[], rows: readonly Row[]): Registered[] {
  const found = new Map<number, Registered>();
  for (const row of rows) {
    const terms = row.maybeRow('terms');
    for (const each of row.rows('rows')) {
      const { asset, owners } = draftAt(drafts, each);
      if (each.flag('taken')) found.set(each.int('place'), { error: urnTaken(asset.urn) });
      else if (each.int('owners') !== owners.length) found.set(each.int('place'), { error: ownerMissing(asset.name) });
    }
    if (terms === null) continue;
    for (const each of row.rows('done')) {
      const visibility = each.text('visibility') === 'DISCOVERABLE' ? 'DISCOVERABLE' : 'RESTRICTED';
      found.set(each.int('place'), {
        asset: { ...draftAt(drafts, each).asset, visibility },
        terms: decodeTerms(terms),
      });
    }
  }
  return drafts.map((draft, place) => {
    const each = found.get(place);
    if (!each) throw new Error(`Nothing was said of the registration of ${draft.asset.urn}.`);
    return each;
  });
}

function draftAt(drafts: readonly Draft[], row: Row): Draft {
  const draft = drafts[row.int('place')];
  if (!draft) throw new Error(`There is no registration at ${row.int('place')}.`);
  return draft;
}

/** Somebody else registered the same urn at the same moment. Asked again, the statement says which. */
export class UrnTakenMeanwhile extends Error {
  override readonly name = 'UrnTakenMeanwhile';
}

type RegistrationRow = Parameters & { fields: readonly Parameters[] };

async function registrationRow(
  tx: WriteTransaction,
  actor: Actor,
  draft: Draft,
  place: number,
): Promise<RegistrationRow> {
  const { asset, owners } = draft;
  const fields = draft.fields.map((field, index) => fieldOf(field, index + 1));
  const after = { urn: asset.urn, owners, visibility: auditedVisibility(asset) };
  const target = { targetId: asset.id, targetName: asset.urn, assetIds: [asset.id] };
  const action = `${asset.kind.toLowerCase()}:register`;
  const wholes = await wholesOf(fields.map(({ name }) => name));
  return {
    place,
    label: TYPE_OF_KIND[asset.kind],
    asset: { ...(await storedAsset(asset, draft.fields)), placedBy: actorId(actor) },
    key: urnKey(asset.urn),
    idKey: idKey(asset.id),
    owners,
    inherits: asset.visibilityInherited,
    namespaceId: randomId(),
    fields: fields.map(({ __typename: _, ...field }) => ({
      ...field,
      key: `${asset.id}:${field.name}`,
      addedAt: asset.createdAt,
    })),
    parts: [...wholes].flatMap(([part, all]) =>
      all.map((whole) => ({ part: `${asset.id}:${part}`, whole: `${asset.id}:${whole}` })),
    ),
    fieldsKept: JSON.stringify(fields),
    entry: entryOf(tx, actor, { action, ...target, before: null, after, reason: null, at: asset.createdAt }),
  };
}

const fieldOf = ({ name, type, description }: NewField, ordinal: number): AssetField => ({
  ...{ __typename: 'Field', id: newId(), name, type, description, ordinal },
});

function ownerMissing(name: string): WeftlineError {
  return badInput(
    `An owner of "${name}" does not exist or is disabled. Give the ids of teams, or of enabled users or service accounts.`,
  );
}
