import type { Actor } from '../../auth/actor.js';
import { assetNotFound } from '../../catalog/assets/asset.service.js';
import { badInput, limitExceeded } from '../../errors.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import { FIELD_FLOWS } from '../statements/claim.js';
import type { ClaimRepository, FlowEnd } from '../statements/claim.repository.js';
import { checkEditable, checkWritable } from '../claims/claim.request.js';
import type { FieldFlowsInput, FieldPairInput } from './field-claim.input.js';
import { type FieldFlow, type FieldPair, MAX_FIELD_FLOWS, transformationOf } from './field-claim.js';
import type { FieldClaimRepository, NamedField } from './field-claim.repository.js';
import { findFields } from './field-lookup.service.js';
import { streamKey } from '../statements/statement.repository.js';

/** The flows of one transformation. */
export interface FieldFlowsVia {
  via: FlowEnd;
  flows: FieldFlow[];
  /** Ids of the data sets between which they flow. */
  datasets: string[];
}

interface Group {
  source: FlowEnd;
  target: FlowEnd;
  via: FlowEnd;
  fields: FieldPairInput[];
}

/** Reads flows between fields as callers give them: by data sets and names. */
export class FieldFlows {
  constructor(
    private readonly ends: ClaimRepository,
    private readonly fields: FieldClaimRepository,
  ) {}

  /**
   * The flows by ids, each once, by transformation in the order in which streams are locked. `at`: since when they are
   * stated, for the fields must have been there. Throws NOT_FOUND, FORBIDDEN, BAD_USER_INPUT or LIMIT_EXCEEDED.
   */
  async read(
    tx: WriteTransaction,
    actor: Actor,
    given: readonly FieldFlowsInput[],
    at: Date,
  ): Promise<FieldFlowsVia[]> {
    const found = await this.pairs(tx, actor, given, at);
    return found.map(({ via, datasets, pairs }) => {
      const flows = pairs.map(({ given: said, ...pair }) => ({ ...pair, ...transformationOf(said) }));
      const distinct = new Map(flows.map((flow) => [JSON.stringify(flow), flow]));
      return { via, datasets, flows: [...distinct.values()] };
    });
  }

  /** All that the source ever stated of the fields, whatever it said is done to them. Throws as `read`. */
  async readStated(
    tx: WriteTransaction,
    actor: Actor,
    given: readonly FieldFlowsInput[],
    claimSource: string,
  ): Promise<FieldFlowsVia[]> {
    const found = await this.pairs(tx, actor, given, null);
    const wanted = found.flatMap(({ pairs }) =>
      pairs.map(({ source, target, via }) => {
        return { source, target, stream: streamKey(FIELD_FLOWS, { claimSource, subjectId: via }) };
      }),
    );
    const distinct = new Map(wanted.map((pair) => [JSON.stringify(pair), pair]));
    const stated = await this.fields.statedBetween(tx, [...distinct.values()]);
    return found.map(({ via, datasets }) => ({ via, datasets, flows: stated.filter((flow) => flow.via === via.id) }));
  }

  /** The transformation by id or urn, which the actor may EDIT. Throws NOT_FOUND, FORBIDDEN or BAD_USER_INPUT. */
  async editable(tx: WriteTransaction, actor: Actor, ref: string): Promise<FlowEnd> {
    const via = (await this.assets(tx, actor, [ref]))(ref);
    checkVia(actor, via);
    return via;
  }

  private async pairs(tx: WriteTransaction, actor: Actor, given: readonly FieldFlowsInput[], at: Date | null) {
    const count = given.reduce((sum, { fields }) => sum + fields.length, 0);
    if (count > MAX_FIELD_FLOWS)
      throw limitExceeded(
        `${count} flows at once; at most ${MAX_FIELD_FLOWS} are possible. Send them in several calls.`,
      );
    const groups = await this.groups(tx, actor, given);
    const fieldOf = await this.fieldsOf(tx, groups, at);
    const found = new Map<
      string,
      { via: FlowEnd; datasets: string[]; pairs: (FieldPair & { given: FieldPairInput })[] }
    >();
    for (const { source, target, via, fields } of groups) {
      const about = found.get(via.id) ?? { via, datasets: [], pairs: [] };
      about.datasets.push(source.id, target.id);
      for (const pair of fields) {
        const [from, to] = [fieldOf(source, pair.source), fieldOf(target, pair.target)];
        if (from.id === to.id)
          throw badInput(`The field "${from.name}" of ${source.urn} cannot feed itself. Leave that flow out.`);
        about.pairs.push({ source: from.id, target: to.id, via: via.id, given: pair });
      }
      found.set(via.id, about);
    }
    return [...found.values()].sort((a, b) => (a.via.id < b.via.id ? -1 : 1));
  }

  private async groups(tx: WriteTransaction, actor: Actor, given: readonly FieldFlowsInput[]): Promise<Group[]> {
    const refs = given.flatMap(({ source, target, via }) => [source, target, via]);
    const asset = await this.assets(tx, actor, refs);
    return given.map(({ source, target, via, fields }) => {
      const group = { source: asset(source), target: asset(target), via: asset(via), fields };
      const other = [group.source, group.target].find(({ kind }) => kind !== 'DATASET');
      if (other) throw badInput(`${other.urn} is a ${other.kind}. Only data sets have fields.`);
      checkVia(actor, group.via);
      checkWritable(actor, group.target);
      return group;
    });
  }

  private async assets(tx: WriteTransaction, actor: Actor, refs: readonly string[]): Promise<(ref: string) => FlowEnd> {
    const ends =
      refs.length === 0 ? new Map<string, FlowEnd>() : await this.ends.flowEnds(tx, actor, [...new Set(refs)]);
    return (ref) => {
      const end = ends.get(ref);
      if (!end) throw assetNotFound(ref);
      return end;
    };
  }

  private async fieldsOf(
    tx: WriteTransaction,
    groups: readonly Group[],
    at: Date | null,
  ): Promise<(dataset: FlowEnd, name: string) => NamedField> {
    const wanted = groups.flatMap(({ source, target, fields }) =>
      fields.flatMap((pair) => [
        { dataset: source, name: pair.source },
        { dataset: target, name: pair.target },
      ]),
    );
    return findFields(this.fields, tx, wanted, at);
  }
}

function checkVia(actor: Actor, via: FlowEnd): void {
  if (via.kind !== 'TRANSFORMATION')
    throw badInput(`${via.urn} is a ${via.kind}. Fields flow within a transformation: name the one that does it.`);
  checkEditable(actor, via);
}
