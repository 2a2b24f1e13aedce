import type { Flow, Moment, Scope } from './events.js';

/** One thing a source said. It is never changed or removed, except for what was found out later about it. */
export interface Statement {
  /** Which report it was made in. */
  report: number;
  source: string;
  flow: Flow;
  /** The transformation or deployment it is about. */
  subject: string;
  run: string | null;
  validFrom: Moment;
  validUntil: Moment | null;
  recordedAt: Moment;
  retractedAt: Moment | null;
  /** "True until then", as was said later: from `recordedAt` on one knows that it ended at `at`. */
  ends: { at: Moment; recordedAt: Moment }[];
}

/** That what a source said in one report of a transformation is all it says about it, or about a run of it. */
interface CompleteReport {
  report: number;
  source: string;
  subject: string;
  scope: Exclude<Scope, 'FLOWS'>;
  run: string | null;
  validFrom: Moment;
  recordedAt: Moment;
  retractedAt: Moment | null;
}

export interface Report {
  source: string;
  flows: { flow: Flow; subject: string }[];
  scope: Scope;
  run: string | null;
  /** What it is about beyond its flows: a complete report may name none. */
  about: string[];
  validFrom: Moment;
  validUntil: Moment | null;
}

/** An edge as it is stated: by which sources, and in which runs they saw it. */
export interface StatedEdge extends Flow {
  claims: { source: string; runs: (string | null)[] }[];
}

/** All that was ever said, and the one rule by which it counts. */
export class Statements {
  readonly statements: Statement[] = [];
  readonly completeReports: CompleteReport[] = [];
  private reports = 0;

  report({ source, flows, scope, run, about, validFrom, validUntil }: Report, now: Moment): void {
    const report = ++this.reports;
    const kept = { source, run, validFrom, recordedAt: now, retractedAt: null };
    for (const { flow, subject } of flows)
      this.statements.push({ ...kept, report, flow, subject, validUntil, ends: [] });
    if (scope === 'FLOWS') return;
    for (const subject of new Set([...about, ...flows.map((each) => each.subject)]))
      this.completeReports.push({ ...kept, report, scope, subject });
  }

  /** They were never true. */
  takeBack(which: (statement: Statement) => boolean, now: Moment): void {
    for (const statement of this.statements.filter(which)) statement.retractedAt ??= now;
  }

  /** They were not all that was to be said: what they had ended holds again. */
  takeBackReports(which: (report: CompleteReport) => boolean, now: Moment): void {
    for (const report of this.completeReports.filter(which)) report.retractedAt ??= now;
  }

  /** They were true until `at`, as one knows from now on. */
  end(which: (statement: Statement) => boolean, at: Moment, now: Moment): void {
    for (const statement of this.statements.filter(which)) statement.ends.push({ at, recordedAt: now });
  }

  /** The one rule: does the statement count, for what was true at `asOf`, as it was known at `knownAt`? */
  counts(statement: Statement, asOf: Moment, knownAt: Moment): boolean {
    return (
      isKnown(statement, knownAt) &&
      statement.validFrom <= asOf &&
      asOf < endOf(statement, knownAt) &&
      !this.completeReports.some((report) => isKnown(report, knownAt) && covers(report, statement, asOf))
    );
  }

  /** The edges that live at `asOf`, as known at `knownAt`: those of which one statement at least counts. */
  edges(asOf: Moment, knownAt: Moment): StatedEdge[] {
    const edges = new Map<string, StatedEdge>();
    for (const { source, run, flow } of this.statements.filter((each) => this.counts(each, asOf, knownAt))) {
      const key = `${flow.source} → ${flow.target}`;
      const edge = edges.get(key) ?? { ...flow, claims: [] };
      const claim = edge.claims.find((each) => each.source === source);
      if (claim) claim.runs.push(run);
      else edge.claims.push({ source, runs: [run] });
      edges.set(key, edge);
    }
    return [...edges.values()];
  }
}

function isKnown(fact: { recordedAt: Moment; retractedAt: Moment | null }, knownAt: Moment): boolean {
  return fact.recordedAt <= knownAt && (fact.retractedAt === null || knownAt < fact.retractedAt);
}

function endOf(statement: Statement, knownAt: Moment): Moment {
  const known = statement.ends.filter((end) => end.recordedAt <= knownAt).map((end) => end.at);
  return Math.min(statement.validUntil ?? Infinity, ...known);
}

/** Whether a complete report ends, by not repeating it, what its source had stated before. */
function covers(report: CompleteReport, statement: Statement, asOf: Moment): boolean {
  const sameThing =
    report.source === statement.source &&
    report.subject === statement.subject &&
    (report.scope === 'TRANSFORMATION' || report.run === statement.run);
  const later =
    report.validFrom > statement.validFrom ||
    (report.validFrom === statement.validFrom && report.recordedAt > statement.recordedAt);
  return sameThing && later && report.validFrom <= asOf && report.report !== statement.report;
}
