import type { Actor } from '../../auth/actor.js';
import { newId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import { after, before, validityOf, type ValidFlow, earlier, reconcile, union, without } from './validity.js';
import type { Claim, ClaimedFlow, FlowKind, Report, Retraction } from './claim.js';
import type { ClaimRepository, StreamFlow } from './claim.repository.js';
import { flowKey, type StatementRepository, type Stream, streamKey } from './statement.repository.js';

/** Statements of one transaction, about: the statements of one subject are not divided. */
const BATCH_SIZE = 2_000;

/** A flow, what is claimed of it now, and what is to be claimed. */
interface Change {
  flow: StreamFlow;
  present: Claim[];
  retire: Claim[];
  add: ValidFlow[];
}

/** The named flows with their claims, and how many flows ended. */
interface Answer {
  flows: ClaimedFlow[];
  ended: number;
}

interface Filed {
  stream: Stream;
  report: Report;
  flows: StreamFlow[];
}

/**
 * Keeps what sources say, and the claims that follow from it. Knows nothing of rights: a service that has decided who may
 * say what calls it within its transaction. The streams concerned are locked first, in one order, so that of two reports
 * of one source at the same time the second sees what the first left.
 */
export class ClaimReconciler {
  constructor(
    private readonly statements: StatementRepository,
    private readonly claims: ClaimRepository,
    private readonly now: () => Date,
  ) {}

  /**
   * Keeps reports, one for each source and subject. The named flows with the source's claims on them, the newest first,
   * and how many flows ended because a complete report leaves them out.
   */
  async state(tx: WriteTransaction, kind: FlowKind, reports: readonly Report[]): Promise<Answer> {
    const [answer] = await this.stateAll(tx, [{ kind, reports }]);
    return answer ?? { flows: [], ended: 0 };
  }

  /** The same of several kinds of flow, which share the trips: an answer for each, in their order. */
  async stateAll(
    tx: WriteTransaction,
    parts: readonly { kind: FlowKind; reports: readonly Report[] }[],
  ): Promise<Answer[]> {
    const subjects = parts.flatMap(({ kind, reports }) => reports.map((of) => ({ kind, of })));
    if (subjects.length === 0) return parts.map(() => ({ flows: [], ended: 0 }));
    const streams = await this.statements.lock(tx, subjects, this.now());
    // Only now: what is recorded later must not carry an earlier time.
    const now = this.now();
    const filed = parts.map(({ kind, reports }) => ({
      kind,
      filed: reports.map((report): Filed => {
        const stream = streamOf(streams, kind, report);
        return { stream, report, flows: report.flows.map((flow) => toStreamFlow(kind, stream, flow)) };
      }),
    }));
    const cuts = await this.statements.record(
      tx,
      filed.flatMap((part) => part.filed),
      now,
    );
    return Promise.all(filed.map((part) => this.claimAll(tx, part, { cuts, now })));
  }

  /** Brings the claims to what the reports of one kind of flow say. */
  private async claimAll(
    tx: WriteTransaction,
    { kind, filed }: { kind: FlowKind; filed: readonly Filed[] },
    { cuts, now }: { cuts: ReadonlyMap<string, Date | null>; now: Date },
  ): Promise<Answer> {
    const answer: Answer = { flows: [], ended: 0 };
    const added = await this.addFlows(
      tx,
      kind,
      filed.filter(({ report }) => report.scope === 'FLOWS'),
      { cuts, now },
    );
    for (const each of filed) {
      if (each.report.scope === 'FLOWS') {
        answer.flows.push(...(added.get(each) ?? []));
        continue;
      }
      const cut = cuts.get(each.stream.key) ?? null;
      const named = await this.changesOfNamed(tx, kind, each, cut);
      const left = await this.changesOfLeftOut(tx, kind, each);
      const claimed = await this.apply(tx, kind, each.stream, [...named, ...left], now);
      answer.flows.push(...claimed.slice(0, named.length));
      answer.ended += left.filter(({ retire }) => retire.length > 0).length;
    }
    return answer;
  }

  /**
   * What is stated in addition ends nothing, and mostly a source says what it said before: so what it claims already is all that is
   * read, of all such reports at once, and what it does not claim yet is added at once.
   */
  private async addFlows(
    tx: WriteTransaction,
    kind: FlowKind,
    filed: readonly Filed[],
    { cuts, now }: { cuts: ReadonlyMap<string, Date | null>; now: Date },
  ): Promise<Map<Filed, ClaimedFlow[]>> {
    const wanted = new Map(
      filed.flatMap(({ stream, flows }) =>
        flows.map((flow) => [flow.key, { ...flow, claimSource: stream.claimSource }]),
      ),
    );
    if (wanted.size === 0) return new Map(filed.map((each) => [each, []]));
    const present = await this.claims.presentOf(tx, kind, [...wanted.values()]);
    const added: { source: string; target: string; facts: StreamFlow['facts']; record: Claim }[] = [];
    const answers = new Map<Filed, ClaimedFlow[]>();
    for (const each of filed) {
      const { stream, report, flows } = each;
      const { validFrom, runId, byId } = report;
      const validUntil = earlier(report.validUntil, cuts.get(stream.key) ?? null);
      const claimed = flows.map(({ key, source, target, facts }) => {
        const claims = present.get(key) ?? [];
        const records = without([{ validFrom, validUntil, runId, byId }], claims)
          .map((valid): Claim => newClaim(stream, valid, now))
          .reverse();
        added.push(...records.map((record) => ({ source, target, facts, record })));
        const all = [...records, ...claims.sort(newestFirst)];
        present.set(key, all);
        return { source, target, facts, claims: all };
      });
      answers.set(each, claimed);
    }
    await this.claims.add(tx, kind, added);
    return answers;
  }

  /** Takes back or ends what a source stated of a subject. How many statements were taken back, and how many ended. */
  async retract(
    tx: WriteTransaction,
    kind: FlowKind,
    retraction: Retraction,
  ): Promise<{ retracted: number; ended: number }> {
    const streams = await this.statements.lock(tx, [{ kind, of: retraction }], this.now());
    const now = this.now();
    const stream = streamOf(streams, kind, retraction);
    const { of, from } = retraction;
    const changed = await this.statements.retract(tx, kind, stream, retraction, now);
    const runId = of !== 'everything' && 'runId' in of ? of.runId : null;
    const uncovered =
      from === null && (of === 'everything' || runId !== null)
        ? await this.statements.takeBackReports(tx, stream, runId, now)
        : null;
    if (runId === null) {
      const present = await this.claims.present(tx, kind, stream.claimSource, changed);
      const changes = changed.map((flow) => toChange(flow, present, (claims) => (from ? before(claims, from) : [])));
      await this.apply(tx, kind, stream, changes, now);
    } else {
      // What a complete report of the run had ended, others may still state.
      const flows = uncovered ? await this.statements.flows(tx, kind, stream, null) : changed;
      const began = changed.reduce<Date | null>((first, flow) => earlier(first, flow.began), uncovered);
      if (began)
        await this.apply(
          tx,
          kind,
          stream,
          await this.reconsider(tx, kind, stream, flows, began, from ? null : runId),
          now,
        );
    }
    const sum = (count: 'retracted' | 'ended'): number => changed.reduce((total, flow) => total + flow[count], 0);
    return { retracted: sum('retracted'), ended: sum('ended') };
  }

  /** What the source ever stated something about, in portions that one transaction each can take back. */
  async subjectsOf(actor: Actor, kind: FlowKind, claimSource: string): Promise<{ subjectId: string }[][]> {
    const portions: { subjectId: string }[][] = [];
    let room = 0;
    for (const { subjectId, statements } of await this.statements.subjectsOf(actor, kind, claimSource)) {
      if (room < statements) {
        portions.push([]);
        room = BATCH_SIZE;
      }
      portions.at(-1)?.push({ subjectId });
      room -= Math.max(statements, 1);
    }
    return portions;
  }

  private async changesOfNamed(
    tx: WriteTransaction,
    kind: FlowKind,
    { stream, report, flows }: Filed,
    cut: Date | null,
  ): Promise<Change[]> {
    const { validFrom, runId, byId } = report;
    const validUntil = earlier(report.validUntil, cut);
    if (validUntil !== null) return this.reconsider(tx, kind, stream, flows, validFrom, null);
    const present = await this.claims.present(tx, kind, stream.claimSource, flows);
    return flows.map((flow) => {
      const claims = present.get(flow.key) ?? [];
      return { flow, present: claims, retire: [], add: without([{ validFrom, validUntil, runId, byId }], claims) };
    });
  }

  private async changesOfLeftOut(tx: WriteTransaction, kind: FlowKind, { stream, report, flows }: Filed) {
    const named = new Set(flows.map(({ key }) => key));
    const covered = await this.statements.flows(tx, kind, stream, report.scope === 'RUN' ? report.runId : null);
    const candidates = covered.filter(({ key }) => !named.has(key));
    const present = await this.claims.present(tx, kind, stream.claimSource, candidates);
    const open = candidates.filter(({ key }) => after(present.get(key) ?? [], report.validFrom).length > 0);
    return this.reconsider(tx, kind, stream, open, report.validFrom, null);
  }

  /** Works the claims on the flows out anew from all that was stated. Before `began` nothing can have changed. */
  private async reconsider(
    tx: WriteTransaction,
    kind: FlowKind,
    stream: Stream,
    flows: readonly StreamFlow[],
    began: Date,
    goneRunId: string | null,
  ): Promise<Change[]> {
    if (flows.length === 0) return [];
    const present = await this.claims.present(tx, kind, stream.claimSource, flows);
    const keys = flows.map(({ key }) => key);
    const { statements, reports } = await this.statements.bearingOn(tx, stream, keys, began);
    return flows.map((flow) =>
      toChange(
        flow,
        present,
        (claims) =>
          union<ValidFlow>([
            ...before(claims, began),
            ...after(validityOf(statements.get(flow.key) ?? [], reports), began),
          ]),
        goneRunId,
      ),
    );
  }

  private async apply(
    tx: WriteTransaction,
    kind: FlowKind,
    stream: Stream,
    changes: readonly Change[],
    now: Date,
  ): Promise<ClaimedFlow[]> {
    const made = changes.map(({ flow, add, retire, present }) => {
      const records = add.map((valid) => newClaim(stream, valid, now));
      const standing = present.filter((claim) => !retire.includes(claim)).sort(newestFirst);
      return { flow, records, claims: [...records.reverse(), ...standing] };
    });
    const retired = changes.flatMap(({ flow: { source, target }, retire }) =>
      retire.map(({ id }) => ({ id, source, target })),
    );
    await this.claims.retire(tx, kind, retired, now);
    const added = made.flatMap(({ flow: { source, target, facts }, records }) =>
      records.map((record) => ({ source, target, facts, record })),
    );
    await this.claims.add(tx, kind, added);
    return made.map(({ flow: { source, target, facts }, claims }) => ({ source, target, facts, claims }));
  }
}

function newClaim({ claimSource }: Stream, { validFrom, validUntil, runId, byId }: ValidFlow, now: Date): Claim {
  return { id: newId(), source: claimSource, runId, byId, validFrom, validUntil, recordedAt: now, retractedAt: null };
}

function streamOf(streams: ReadonlyMap<string, Stream>, kind: FlowKind, of: Pick<Report, 'claimSource' | 'subjectId'>) {
  const stream = streams.get(streamKey(kind, of));
  if (!stream) throw new Error('A stream was not locked.');
  return stream;
}

function toStreamFlow(kind: FlowKind, stream: Stream, flow: Report['flows'][number]): StreamFlow {
  const { source, target, facts = {} } = flow;
  return { key: flowKey(kind, stream, flow), source, target, facts };
}

/** Claims made in the name of a run that is taken back go, even where others claim the same: it may not be named any more. */
function toChange(
  flow: StreamFlow,
  recorded: ReadonlyMap<string, Claim[]>,
  believedOf: (claims: Claim[]) => ValidFlow[],
  goneRunId: string | null = null,
): Change {
  const present = recorded.get(flow.key) ?? [];
  const believed = believedOf(present);
  const isGone = (claim: Claim): boolean => goneRunId !== null && claim.runId === goneRunId;
  const { retire, add } = reconcile(
    present.filter((claim) => !isGone(claim)),
    believed,
  );
  return { flow, present, retire: [...present.filter(isGone), ...retire], add };
}

function newestFirst(one: Claim, other: Claim): number {
  return other.recordedAt.getTime() - one.recordedAt.getTime();
}
