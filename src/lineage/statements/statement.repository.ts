import type { Actor } from '../../auth/actor.js';
import { idAt, newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { portionsOf } from '../../neo4j/portions.js';
import type { Row } from '../../neo4j/row.js';
import type { CompleteReport, StatedFlow } from './validity.js';
import type { Flow, FlowFacts, FlowKind, Report, Retraction } from './claim.js';
import type { StreamFlow } from './claim.repository.js';
import * as cypher from './statement.cypher.js';
import { mapInTurns } from '../../turn.js';

/** Before every time that can be stated. */
const BEGINNING = new Date('0000-01-01T00:00:00.000Z');

/** Of one statement: a flow that is stated is half of what one is that is claimed. */
const FLOWS_AT_ONCE = { items: 4_000 };

/** What one source says of one transformation or deployment. */
export interface Stream {
  key: string;
  id: string;
  claimSource: string;
}

export interface ChangedFlow extends StreamFlow {
  retracted: number;
  ended: number;
  /** From when on another answer is possible. */
  began: Date;
}

/** What sources said, kept raw. Nothing is deleted, and a statement is only ever closed. */
export class StatementRepository {
  constructor(private readonly graph: Graph) {}

  /** The streams, locked until the transaction ends, by `streamKey`; made when they are new. */
  async lock(
    tx: WriteTransaction,
    subjects: readonly { kind: FlowKind; of: Pick<Report, 'claimSource' | 'subjectId'> }[],
    now: Date,
  ): Promise<Map<string, Stream>> {
    const wanted = new Map(
      subjects.map(({ kind, of: { claimSource, subjectId } }) => [
        streamKey(kind, { claimSource, subjectId }),
        { relationship: kind.relationship, source: claimSource, subjectId },
      ]),
    );
    const streams = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
    const rows = await tx.run(cypher.LOCK_STREAMS, {
      streams: streams.map(([key, stream]) => ({ ...stream, key, id: newId() })),
      now,
    });
    return new Map(
      rows.map((row) => {
        const key = row.text('key');
        return [key, { key, id: row.text('id'), claimSource: wanted.get(key)?.source ?? '' }];
      }),
    );
  }

  /** Keeps the reports; for each stream, when the next complete report that covers it begins (null: none does). */
  async record(
    tx: WriteTransaction,
    reports: readonly { stream: Stream; report: Report; flows: readonly StreamFlow[] }[],
    now: Date,
  ): Promise<Map<string, Date | null>> {
    const all = reports.map(({ stream, report: { scope, runId, byId, validFrom, validUntil }, flows }) => {
      const id = newId();
      const stated = flows.map((flow) => ({ ...flow, report: id, validUntil, statementId: newId() }));
      return { stream: stream.key, id, scope, runId, byId, validFrom, flows: stated };
    });
    const portions = portionsOf(
      all.flatMap(({ flows }) => flows),
      FLOWS_AT_ONCE,
    );
    const later = portions.length > 1 ? portions : [];
    const recorded = later.length > 0 ? all.map((report) => ({ ...report, flows: [] })) : all;
    const rows = await tx.run(cypher.RECORD_REPORTS, { now, reports: recorded });
    for (const flows of later) await tx.run(cypher.STATE_FLOWS, { now, flows });
    return new Map(rows.map((row) => [row.text('stream'), row.maybeTime('cut')]));
  }

  /** All flows the stream ever stated; with a run, only what it states of that run. */
  async flows(tx: WriteTransaction, kind: FlowKind, stream: Stream, runId: string | null): Promise<StreamFlow[]> {
    const statement = runId === null ? cypher.FLOWS_OF_STREAM : cypher.FLOWS_OF_RUN;
    const rows = await tx.run(statement, { streamId: stream.id, runId });
    return mapInTurns(rows, (row) => decodeFlow(kind, row));
  }

  /** What bears on the flows from the time on: statements by key of the flow, and complete reports. */
  async bearingOn(
    tx: WriteTransaction,
    stream: Stream,
    keys: readonly string[],
    at: Date,
  ): Promise<{ statements: Map<string, StatedFlow[]>; reports: CompleteReport[] }> {
    const last = await tx.one(cypher.LAST_COMPLETE, { streamId: stream.id, at });
    const since = last.maybeTime('since') ?? BEGINNING;
    const statements = new Map<string, StatedFlow[]>(keys.map((key) => [key, []]));
    await mapInTurns(await tx.run(cypher.STATEMENTS, { keys, since }), (row) =>
      statements.get(row.text('key'))?.push(decodeStated(row)),
    );
    const reports = await tx.run(cypher.COMPLETE_REPORTS, { streamId: stream.id, since });
    return { statements, reports: await mapInTurns(reports, decodeReport) };
  }

  /** What the source ever stated something about, in the order of locking, with how many statements. */
  async subjectsOf(
    actor: Actor,
    kind: FlowKind,
    claimSource: string,
  ): Promise<{ subjectId: string; statements: number }[]> {
    const { relationship } = kind;
    const rows = await this.graph.read(actor.origin, cypher.STREAMS_OF_SOURCE, { claimSource, relationship });
    return mapInTurns(rows, (row) => ({ subjectId: row.text('subjectId'), statements: row.int('statements') }));
  }

  /** Takes statements back, or ends them; the flows they are about. */
  async retract(
    tx: WriteTransaction,
    kind: FlowKind,
    stream: Stream,
    { of, from }: Pick<Retraction, 'of' | 'from'>,
    now: Date,
  ): Promise<ChangedFlow[]> {
    const selected = of === 'everything' ? 'stream' : 'runId' in of ? 'run' : 'flows';
    const rows = await tx.run(from === null ? cypher.TAKE_BACK[selected] : cypher.END[selected], {
      streamId: stream.id,
      runId: of !== 'everything' && 'runId' in of ? of.runId : null,
      keys: of !== 'everything' && 'flows' in of ? of.flows.map((flow) => flowKey(kind, stream, flow)) : [],
      from,
      idPrefix: idAt(now).slice(0, 15),
      now,
    });
    return mapInTurns(rows, (row) => ({
      ...decodeFlow(kind, row),
      retracted: row.int('retracted'),
      ended: row.int('ended'),
      began: row.time('began'),
    }));
  }

  /** Takes complete reports back. From when on they ended what others stated; null: they ended nothing of others. */
  async takeBackReports(tx: WriteTransaction, stream: Stream, runId: string | null, now: Date): Promise<Date | null> {
    return (await tx.one(cypher.TAKE_BACK_REPORTS, { streamId: stream.id, runId, now })).maybeTime('began');
  }
}

/** What names a stream: what kind of flow, about what, by whom. */
export function streamKey(kind: FlowKind, { claimSource, subjectId }: Pick<Report, 'claimSource' | 'subjectId'>) {
  return `${kind.relationship} ${subjectId} ${claimSource}`;
}

/** What names a flow of a stream: its ends and facts. */
export function flowKey(kind: FlowKind, stream: Stream, { source, target, facts = {} }: Flow): string {
  return [stream.id, source, target, ...kind.facts.map((fact) => String(facts[fact]))].join(' ');
}

function decodeFlow(kind: FlowKind, row: Row): StreamFlow {
  return {
    key: row.text('key'),
    source: row.text('source'),
    target: row.text('target'),
    facts: decodeFacts(kind, row.row('facts')),
  };
}

function decodeFacts(kind: FlowKind, row: Row): FlowFacts {
  return Object.fromEntries(kind.facts.map((fact) => [fact, row.textOrFlag(fact)]));
}

function decodeStated(row: Row): StatedFlow {
  return {
    validFrom: row.time('validFrom'),
    validUntil: row.maybeTime('validUntil'),
    ordinal: row.int('ordinal'),
    runId: row.maybeText('runId'),
    byId: row.maybeText('byId'),
  };
}

function decodeReport(row: Row): CompleteReport {
  return {
    scope: row.text('scope') === 'RUN' ? 'RUN' : 'TRANSFORMATION',
    validFrom: row.time('validFrom'),
    ordinal: row.int('ordinal'),
    runId: row.maybeText('runId'),
  };
}
