import { Assets, type Facts } from './assets.js';
import type { Event, Flow, Kind, Moment, Selection } from './events.js';
import { type Statement, Statements } from './statements.js';
import { type Answer, lineage, type View, type Walk } from './walk.js';

/** At which point of both clocks, and for whom. */
export interface Standpoint {
  asOf: Moment;
  knownAt: Moment;
  viewer: string;
}

interface Version {
  asset: string;
  usedBy: string[];
  generatedBy: string | null;
}

/** That a run read a version, or made it. */
interface VersionFlow extends Flow {
  since: Moment;
  recordedAt: Moment;
}

interface Run {
  transformation: string;
  startedAt: Moment;
  finished: boolean;
}

const RUN_CLAIMS = 'weftline/runs';
const RELEASE_CLAIMS = 'weftline/releases';

/** Owns everything, so that it may do everything. */
export const BUILDER = 'builder';

/**
 * What Weftline should answer, worked out in the plainest way: everything said is kept in lists, and each question goes
 * through all of it. It shares no code with the product, so that one mistake is not made twice.
 */
export class ReferenceModel {
  readonly assets = new Assets();
  readonly statements = new Statements();
  readonly versions = new Map<string, Version>();
  readonly runs = new Map<string, Run>();
  readonly versionFlows: VersionFlow[] = [];
  /** What serves on each deployment: the version. */
  readonly live = new Map<string, string>();
  now: Moment = 0;

  /** Lets the event happen now. */
  apply(event: Event): void {
    switch (event.do) {
      case 'register':
        this.assets.register(event.asset, event.kind, firstFacts(event.asset), this.now);
        break;
      case 'rename':
        this.assets.change(event.asset, { name: event.name }, this.now);
        break;
      case 'retire':
        this.assets.change(event.asset, { retired: event.retired }, this.now);
        break;
      case 'tag':
        this.assets.change(event.asset, { tags: event.tags }, this.now);
        break;
      case 'own':
        this.assets.change(event.asset, { owners: event.owners }, this.now);
        break;
      case 'restrict':
        this.assets.change(event.asset, { restricted: event.restricted }, this.now);
        break;
      case 'claim':
        this.claim(event);
        break;
      case 'retract':
        this.retract(event);
        break;
      case 'publish':
        this.versions.set(event.version, { asset: event.asset, usedBy: [], generatedBy: null });
        break;
      case 'start':
        this.start(event);
        break;
      case 'finish':
        this.finish(event);
        break;
      case 'deploy':
        this.deploy(event);
        break;
    }
  }

  /** The lineage of the assets; null: a root is not there for the viewer. */
  lineage(walk: Walk, standpoint: Standpoint): Answer | null {
    const view = this.view(standpoint);
    return walk.roots.every((root) => view.visible(root)) ? lineage(view, walk) : null;
  }

  /** What `asset(ref)` shows; null: it is not there for the viewer, or was not then. */
  asset(asset: string, { asOf, knownAt, viewer }: Standpoint): Facts | null {
    return this.assets.isVisible(asset, viewer) ? this.assets.at(asset, Math.min(asOf, knownAt)) : null;
  }

  /** What lineage shows of an asset. */
  shown(asset: string, { asOf, knownAt }: Standpoint): Facts {
    return this.assets.shownAt(asset, Math.min(asOf, knownAt));
  }

  /** The versions and runs around a version; null: it is not there for the viewer. They walk as assets do. */
  provenance(walk: Omit<Walk, 'kinds'>, { asOf, knownAt, viewer }: Standpoint): Answer | null {
    const assetOf = (member: string): string => this.versions.get(member)?.asset ?? this.run(member).transformation;
    const visible = (member: string): boolean => this.assets.isVisible(assetOf(member), viewer);
    const held = this.versionFlows.filter((flow) => flow.since <= asOf && flow.recordedAt <= knownAt);
    const edges = held.map((flow) => ({ ...flow, claims: [] }));
    const view = {
      edges,
      visible,
      kind: (member: string) => this.assets.kind(assetOf(member)),
      tags: () => [],
      owners: () => [],
    };
    return walk.roots.every(visible) ? lineage(view, { ...walk, kinds: null }) : null;
  }

  private view(standpoint: Standpoint): View {
    return {
      edges: this.statements.edges(standpoint.asOf, standpoint.knownAt),
      kind: (asset) => this.assets.kind(asset),
      visible: (asset) => this.assets.isVisible(asset, standpoint.viewer),
      tags: (asset) => this.shown(asset, standpoint).tags,
      owners: (asset) => this.shown(asset, standpoint).owners,
    };
  }

  /** The end of a flow that processes: its owner says what it reads and writes. */
  subjectOf({ source, target }: Flow): string {
    const processes = (asset: string): boolean => this.assets.ofKind('TRANSFORMATION', 'DEPLOYMENT').includes(asset);
    return processes(source) ? source : target;
  }

  private claim({ source, flows, scope, run, transformation, from, until }: Event & { do: 'claim' }): void {
    const startedAt = run === null ? null : this.run(run).startedAt;
    this.say(source, flows, {
      scope,
      run,
      about: [
        ...(run === null ? [] : [this.run(run).transformation]),
        ...(transformation === null ? [] : [transformation]),
      ],
      validFrom: from ?? startedAt ?? this.now,
      validUntil: until,
    });
  }

  private retract({ source, what, from }: Event & { do: 'retract' }): void {
    const meant = (each: Statement): boolean => each.source === source && isMeant(what, each);
    if (from !== null) {
      this.statements.end(meant, from, this.now);
      return;
    }
    this.statements.takeBack(meant, this.now);
    if ('flows' in what) return;
    this.statements.takeBackReports(
      (report) =>
        report.source === source &&
        ('everything' in what || ('run' in what ? report.run === what.run : report.subject === what.transformation)),
      this.now,
    );
  }

  private start({ run, transformation, inputs, startedAt }: Event & { do: 'start' }): void {
    this.runs.set(run, { transformation, startedAt, finished: false });
    for (const input of inputs) {
      this.version(input).usedBy.push(run);
      this.versionFlows.push({ source: input, target: run, since: startedAt, recordedAt: this.now });
    }
    const read = inputs.map((input) => ({ source: this.version(input).asset, target: transformation }));
    this.say(RUN_CLAIMS, read, { run, validFrom: startedAt });
  }

  private finish({ run, outputs }: Event & { do: 'finish' }): void {
    const { transformation, startedAt } = this.run(run);
    this.runs.set(run, { transformation, startedAt, finished: true });
    for (const output of outputs) {
      this.version(output).generatedBy = run;
      this.versionFlows.push({ source: run, target: output, since: this.now, recordedAt: this.now });
    }
    const written = outputs.map((output) => ({ source: transformation, target: this.version(output).asset }));
    this.say(RUN_CLAIMS, written, { run, validFrom: startedAt });
  }

  private deploy({ version, deployment }: Event & { do: 'deploy' }): void {
    const before = this.live.get(deployment);
    this.live.set(deployment, version);
    const flow = { source: this.version(version).asset, target: deployment };
    if (before !== undefined && this.version(before).asset === flow.source) return;
    const replaced = (each: Statement): boolean => each.source === RELEASE_CLAIMS && each.flow.target === deployment;
    this.statements.end(replaced, this.now, this.now);
    this.say(RELEASE_CLAIMS, [flow], {});
  }

  private say(source: string, flows: Flow[], more: Partial<Parameters<Statements['report']>[0]>): void {
    const about = flows.map((flow) => ({ flow, subject: this.subjectOf(flow) }));
    const usual = { scope: 'FLOWS' as const, run: null, about: [], validFrom: this.now, validUntil: null };
    this.statements.report({ ...usual, ...more, source, flows: about }, this.now);
  }

  private version(name: string): Version {
    return this.versions.get(name) ?? fail(name);
  }

  private run(name: string): Run {
    return this.runs.get(name) ?? fail(name);
  }
}

function firstFacts(asset: string): Facts {
  return { name: asset, tags: [], owners: [BUILDER], restricted: false, retired: false };
}

function isMeant(what: Selection, { flow, run, subject }: Statement): boolean {
  if ('flows' in what) return what.flows.some((each) => each.source === flow.source && each.target === flow.target);
  if ('run' in what) return run === what.run;
  return 'everything' in what || subject === what.transformation;
}

function fail(name: string): never {
  throw new Error(`The model has no "${name}".`);
}

/** The letter that the short name of an asset of each kind begins with. */
export const LETTERS: Record<Kind, string> = { DATASET: 'd', TRANSFORMATION: 't', MODEL: 'm', DEPLOYMENT: 'p' };
