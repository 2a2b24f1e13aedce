import type { Actor } from '../../auth/actor.js';
import { badInput, notFound } from '../../errors.js';
import { parseAsOf } from '../model/as-of.js';
import type { AssetField } from '../model/asset.js';
import { changesBetween, type FieldChange } from './field-change.js';
import type { FieldRepository } from './field.repository.js';

/** Two states of the fields of a data set, each by a time or by a version. */
export interface FieldsCompared {
  /** Neither this nor `fromVersion`: before it was registered. */
  from: Date | null;
  fromVersion: string | null;
  /** Neither this nor `toVersion`: as it is now. */
  to: Date | null;
  toVersion: string | null;
  /** Each state as it had been recorded by then; null: by now. */
  knownAt: Date | null;
}

/** Before anything was registered. */
const BEGINNING = new Date(0);

/** How the fields of data sets came to be what they are. */
export class FieldHistory {
  constructor(
    private readonly rows: FieldRepository,
    private readonly now: () => Date,
  ) {}

  /** What differs between the two states, of each of the data sets. Throws BAD_USER_INPUT, and NOT_FOUND for a version. */
  async changes(actor: Actor, ids: readonly string[], question: FieldsCompared): Promise<Map<string, FieldChange[]>> {
    checkSides(question);
    const { fromVersion, toVersion } = question;
    const times = await this.rows.timesOf(
      actor,
      [fromVersion, toVersion].flatMap((id) => id ?? []),
    );
    const now = this.now();
    const known = parseAsOf(actor, 'knownAt', question.knownAt, now);
    const sideOf = (dataset: string, side: 'from' | 'to'): { key: string; dataset: string; at: Date } => {
      const version = side === 'from' ? fromVersion : toVersion;
      const asked = version === null ? question[side] : timeOf(times.get(version), version, dataset);
      const isStart = side === 'from' && asked === null;
      const at = isStart ? BEGINNING : version === null ? parseAsOf(actor, side, asked, now) : (asked ?? now);
      return { key: `${side} ${dataset}`, dataset, at: at < known ? at : known };
    };
    const wanted = ids.map((id) => ({ from: sideOf(id, 'from'), to: sideOf(id, 'to') }));
    for (const { from, to } of wanted) checkOrder(from.at, to.at);
    const found = await this.rows.fieldsAt(
      actor,
      wanted.flatMap(({ from, to }) => [from, to]),
    );
    return new Map(
      wanted.map(({ from, to }) => [
        from.dataset,
        changesBetween(shown(found.get(from.key)), shown(found.get(to.key))),
      ]),
    );
  }
}

/** Each with all of that state, in which its relatives are found. */
const shown = (fields: readonly AssetField[] = []): AssetField[] =>
  fields.map((field) => ({ ...field, among: fields }));

/** Throws BAD_USER_INPUT. */
function checkSides({ from, fromVersion, to, toVersion }: FieldsCompared): void {
  if (from !== null && fromVersion !== null) throw badInput('Give either `from` or `fromVersion`, or neither for all.');
  if (to !== null && toVersion !== null) throw badInput('Give either `to` or `toVersion`, or neither for now.');
}

function timeOf(version: { dataset: string; at: Date } | undefined, id: string, dataset: string): Date {
  if (version?.dataset === dataset) return version.at;
  throw notFound(`There is no version ${id.slice(0, 120)} of this data set, or you may not know of it.`);
}

/** Throws BAD_USER_INPUT. */
function checkOrder(from: Date, to: Date): void {
  if (from > to)
    throw badInput(
      `The first state is of ${from.toISOString()}, which is after the second, of ${to.toISOString()}. Give the earlier one first.`,
    );
}
