import { randomBytes } from 'node:crypto';
import type { Actor } from '../../auth/actor.js';
import { assetNotFound } from '../../catalog/assets/asset.service.js';
import { parseAsOf } from '../../catalog/model/as-of.js';
import { badInput, limitExceeded } from '../../errors.js';
import type { SealedCursors } from '../../graphql/sealed-cursor.js';
import { checkDepth } from '../../lineage/trace/lineage.checks.js';
import { type DiffQuestion, type LineageDiff, MAX_DIFF_EDGES } from './diff.js';
import type { DiffRow, DiffTimes, LineageDiffRepository } from './diff.repository.js';

/** What of a lineage changed between two times. */
export class LineageDiffService {
  constructor(
    private readonly diffs: LineageDiffRepository,
    private readonly cursors: SealedCursors,
    private readonly now: () => Date,
  ) {}

  /** Throws NOT_FOUND, BAD_USER_INPUT, and LIMIT_EXCEEDED when more changed than one answer holds. */
  async of(actor: Actor, ref: string, question: DiffQuestion): Promise<LineageDiff> {
    checkDepth(question.depth);
    const row = await this.diffs.compare(actor, ref, question, this.timesOf(actor, question));
    if (row === null) throw assetNotFound(ref);
    if (row.edges.length > MAX_DIFF_EDGES) {
      throw limitExceeded(
        `More than ${MAX_DIFF_EDGES} flows changed, more than one answer holds. Ask for times that are nearer to each other, or for a smaller \`depth\` than ${question.depth}.`,
      );
    }
    return this.present(row);
  }

  /** Two times on the one clock, while the other stands still. */
  private timesOf(actor: Actor, { clock, from, to, asOf, knownAt }: DiffQuestion): DiffTimes {
    const [moving, still] = clock === 'AS_OF' ? (['asOf', 'knownAt'] as const) : (['knownAt', 'asOf'] as const);
    if ((moving === 'asOf' ? asOf : knownAt) !== null) {
      throw badInput(
        `On the clock ${clock}, \`from\` and \`to\` are what \`${moving}\` is elsewhere. Leave it out, or give \`${still}\`.`,
      );
    }
    const now = this.now();
    const [earlier, later] = [parseAsOf(actor, 'from', from, now), parseAsOf(actor, 'to', to, now)];
    if (from > to) {
      throw badInput(
        `\`from\` is ${from.toISOString()}, which is after \`to\`, ${to.toISOString()}. Give the earlier time as \`from\`.`,
      );
    }
    if (clock === 'KNOWN_AT') {
      const trueAt = parseAsOf(actor, 'asOf', asOf, now);
      return {
        from: { asOf: trueAt, knownAt: earlier },
        to: { asOf: trueAt, knownAt: later },
        registeredBy: later,
      };
    }
    const known = parseAsOf(actor, 'knownAt', knownAt, now);
    return {
      from: { asOf: earlier, knownAt: known },
      to: { asOf: later, knownAt: known },
      registeredBy: knownAt && known,
    };
  }

  /** Edges in the order of their nodes, so that it tells of a hidden one nothing that the nodes do not. */
  private present({ edges, nodes, hidden, cutByDepth }: DiffRow): LineageDiff {
    const nonce = randomBytes(12).toString('base64url');
    const places = new Map(nodes.map(({ id, visible }, place) => [id, { place, visible }]));
    const keyOf = (id: string): string => (places.get(id)?.visible ? id : this.cursors.opaqueKey(nonce, id));
    const placeOf = (id: string): number => places.get(id)?.place ?? 0;
    const shown = edges
      .toSorted(
        (one, other) => placeOf(one.source) - placeOf(other.source) || placeOf(one.target) - placeOf(other.target),
      )
      .map((edge) => ({ ...edge, source: keyOf(edge.source), target: keyOf(edge.target) }));
    return {
      added: shown.filter(({ wasThere }) => !wasThere).map(({ after, ...ends }) => ({ ...ends, claims: after })),
      removed: shown.filter(({ isThere }) => !isThere).map(({ before, ...ends }) => ({ ...ends, claims: before })),
      changed: shown.filter(({ wasThere, isThere }) => wasThere && isThere),
      nodes: nodes.map(({ id, visible, place: _place, ...node }) => ({ ...node, key: keyOf(id), hidden: !visible })),
      completeness: {
        complete: hidden === 0 && cutByDepth === 0,
        hiddenNodes: hidden,
        cutByDepth,
        cutByPage: false,
      },
    };
  }
}
