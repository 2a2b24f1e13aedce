import fc from 'fast-check';
import { type Event, FEEDS, type Flow, type Kind, type Scope, type Selection } from './events.js';
import { BUILDER, LETTERS, type ReferenceModel } from './model.js';

/**
 * What shall happen next, as bare numbers: which asset or run a number means is decided when its turn comes, from what
 * there is by then. So every list of wishes is a history, also after fast-check has removed some of them.
 */
export type Wish =
  | { wish: 'register'; kind: number }
  | { wish: 'rename' | 'retire' | 'restrict'; asset: number; pick: number }
  | { wish: 'tag'; asset: number; tags: string[] }
  | { wish: 'own'; asset: number; owners: string[] }
  | {
      wish: 'claim';
      source: number;
      flows: number[];
      scope: number;
      /** Seen in a run. */
      run: number | null;
      /** With the scope TRANSFORMATION: which one is said. */
      named: boolean;
      from: number | null;
      until: number | null;
    }
  | { wish: 'retract'; source: number; what: number; flows: number[]; run: number; from: number | null }
  | { wish: 'publish'; asset: number }
  | { wish: 'start'; transformation: number; inputs: number[]; ago: number }
  | { wish: 'finish'; run: number; outputs: number[] }
  | { wish: 'deploy'; version: number; deployment: number };

const KINDS = Object.keys(LETTERS) as Kind[];
/** One says most: what it says again bears on what it said before. */
const SOURCES = ['dbt', 'dbt', 'dbt', 'airflow'];
export const TAGS = ['pii', 'gold'];
/** Who looks, beside the builder who sees everything. */
export const VIEWERS = ['alice', 'bob'];

const any = fc.nat(999);
const several = fc.array(any, { minLength: 1, maxLength: 3 });
/** Moments back from now; often none. */
const ago = fc.option(fc.integer({ min: 0, max: 14 }));

const claims = fc.record({
  wish: fc.constant('claim'),
  source: any,
  flows: several,
  scope: any,
  run: fc.option(any, { freq: 2 }),
  named: fc.boolean(),
  from: ago,
  until: fc.option(fc.integer({ min: 0, max: 14 }), { freq: 1 }),
});
const retractions = fc.record({
  wish: fc.constant('retract'),
  source: any,
  what: any,
  flows: several,
  run: any,
  from: ago,
});

export const wishes: fc.Arbitrary<Wish> = fc.oneof(
  {
    weight: 16,
    arbitrary: claims,
  },
  {
    weight: 4,
    arbitrary: retractions,
  },
  { weight: 1, arbitrary: fc.record({ wish: fc.constant('register'), kind: any }) },
  { weight: 2, arbitrary: fc.record({ wish: fc.constantFrom('rename', 'retire'), asset: any, pick: any }) },
  { weight: 2, arbitrary: fc.record({ wish: fc.constant('restrict'), asset: any, pick: any }) },
  { weight: 1, arbitrary: fc.record({ wish: fc.constant('tag'), asset: any, tags: fc.subarray(TAGS) }) },
  { weight: 1, arbitrary: fc.record({ wish: fc.constant('own'), asset: any, owners: fc.subarray(VIEWERS) }) },
  { weight: 2, arbitrary: fc.record({ wish: fc.constant('publish'), asset: any }) },
  {
    weight: 3,
    arbitrary: fc.record({ wish: fc.constant('start'), transformation: any, inputs: several, ago: fc.nat(8) }),
  },
  { weight: 2, arbitrary: fc.record({ wish: fc.constant('finish'), run: any, outputs: several }) },
  { weight: 2, arbitrary: fc.record({ wish: fc.constant('deploy'), version: any, deployment: any }) },
);

/** What every history begins with: some of each kind. */
export const BEGINNING: Event[] = ['d1', 't1', 'd2', 't2', 'd3', 'm1', 'p1'].map((asset) => ({
  do: 'register',
  asset,
  kind: KINDS.find((kind) => LETTERS[kind] === asset[0]) ?? 'DATASET',
}));

/** The event that grants the wish; null when nothing there is fit for it. */
export function grant(wish: Wish, model: ReferenceModel): Event | null {
  const { assets, now } = model;
  switch (wish.wish) {
    case 'register': {
      const kind = one(KINDS, wish.kind) ?? 'DATASET';
      return { do: 'register', asset: `${LETTERS[kind]}${assets.ofKind(kind).length + 1}`, kind };
    }
    case 'rename': {
      const asset = one(assets.names(), wish.asset);
      // Of few names: an asset may get back a name it had.
      return asset === null
        ? null
        : { do: 'rename', asset, name: `${asset}${one(['', '-new', '-old'], wish.pick) ?? ''}` };
    }
    case 'retire': {
      const asset = one(assets.names(), wish.asset);
      return asset === null ? null : { do: 'retire', asset, retired: !assets.now(asset).retired };
    }
    case 'restrict': {
      const asset = one(assets.names(), wish.asset);
      return asset === null ? null : { do: 'restrict', asset, restricted: !assets.now(asset).restricted };
    }
    case 'tag': {
      const asset = one(assets.names(), wish.asset);
      return asset === null ? null : { do: 'tag', asset, tags: wish.tags };
    }
    case 'own': {
      const asset = one(assets.names(), wish.asset);
      return asset === null ? null : { do: 'own', asset, owners: [BUILDER, ...wish.owners] };
    }
    case 'claim':
      return claim(wish, model);
    case 'retract':
      return retract(wish, model);
    case 'publish': {
      const asset = one(
        assets.ofKind('DATASET', 'MODEL').filter((each) => !assets.now(each).retired),
        wish.asset,
      );
      return asset === null ? null : { do: 'publish', asset, version: `v${model.versions.size + 1}` };
    }
    case 'start': {
      const transformation = one(
        assets.ofKind('TRANSFORMATION').filter((each) => !assets.now(each).retired),
        wish.transformation,
      );
      if (transformation === null) return null;
      const inputs = some([...model.versions.keys()], wish.inputs);
      return {
        do: 'start',
        run: `r${model.runs.size + 1}`,
        transformation,
        inputs,
        startedAt: now - wish.ago,
      };
    }
    case 'finish': {
      const run = one(
        [...model.runs].filter(([, each]) => !each.finished).map(([name]) => name),
        wish.run,
      );
      if (run === null) return null;
      const unmade = [...model.versions].filter(
        ([, { generatedBy, usedBy }]) => generatedBy === null && !usedBy.includes(run),
      );
      return {
        do: 'finish',
        run,
        outputs: some(
          unmade.map(([name]) => name),
          wish.outputs,
        ),
      };
    }
    case 'deploy': {
      const version = one(
        [...model.versions].filter(([, { asset }]) => canDeploy(model, asset)).map(([name]) => name),
        wish.version,
      );
      const deployment = one(
        assets.ofKind('DEPLOYMENT').filter((each) => !assets.now(each).retired),
        wish.deployment,
      );
      return version === null || deployment === null ? null : { do: 'deploy', version, deployment };
    }
  }
}

function claim(wish: Wish & { wish: 'claim' }, model: ReferenceModel): Event | null {
  const source = one(SOURCES, wish.source);
  const run = wish.run === null ? null : one([...model.runs.keys()], wish.run);
  const scope = one<Scope>(run === null ? ['FLOWS', 'TRANSFORMATION'] : ['FLOWS', 'RUN', 'TRANSFORMATION'], wish.scope);
  if (source === null || scope === null) return null;
  const of = run === null ? null : (model.runs.get(run)?.transformation ?? null);
  const named = scope === 'TRANSFORMATION' && wish.named ? (of ?? one(subjects(model), wish.scope)) : null;
  const about = of ?? named;
  const fit = legalFlows(model).filter((flow) => about === null || model.subjectOf(flow) === about);
  // A complete report may name no flow: nothing flows any more.
  const flows = about !== null && scope !== 'FLOWS' && wish.flows.length === 1 ? [] : some(fit, wish.flows);
  if (flows.length === 0 && (about === null || scope === 'FLOWS')) return null;
  const from = wish.from === null ? null : model.now - wish.from;
  const begin = from ?? (run === null ? model.now : (model.runs.get(run)?.startedAt ?? model.now));
  const until = wish.until === null ? null : begin + 1 + wish.until;
  return { do: 'claim', source, flows, scope, run, transformation: named, from, until };
}

function retract(wish: Wish & { wish: 'retract' }, model: ReferenceModel): Event | null {
  const source = one(SOURCES, wish.source);
  const run = one([...model.runs.keys()], wish.run);
  const transformation = one(subjects(model), wish.run);
  const what = one<Selection | null>(
    [
      { flows: some(legalFlows(model), wish.flows) },
      run === null ? null : { run },
      transformation === null ? null : { transformation },
      { everything: true },
    ],
    wish.what,
  );
  const from = wish.from === null ? null : model.now - wish.from;
  return source === null || what === null ? null : { do: 'retract', source, what, from };
}

const subjects = ({ assets }: ReferenceModel): string[] => assets.ofKind('TRANSFORMATION', 'DEPLOYMENT');

function legalFlows({ assets }: ReferenceModel): Flow[] {
  return assets.names().flatMap((source) =>
    assets
      .names()
      .filter((target) => FEEDS[assets.kind(source)].includes(assets.kind(target)))
      .map((target) => ({ source, target })),
  );
}

const canDeploy = ({ assets }: ReferenceModel, asset: string): boolean =>
  assets.kind(asset) === 'MODEL' && !assets.now(asset).retired;

function one<T>(members: readonly T[], number: number): T | null {
  return members[number % members.length] ?? null;
}

function some<T>(members: readonly T[], numbers: readonly number[]): T[] {
  return [...new Set(numbers.flatMap((number) => one(members, number) ?? []))];
}
