import { createHash } from 'node:crypto';
import { canonicalJson } from '../../audit/record/canonical-json.js';
import type { Row } from '../../neo4j/row.js';
import type { Statements } from '../../neo4j/statements.js';
import type { Witness, WitnessStep } from './decision.js';
import * as cypher from './facts.cypher.js';
import type { FactOrigin } from './label-facts.port.js';

/** A version that goes in, or is what it is about. */
export interface VersionFacts {
  id: string;
  assetId: string;
  digest: string | null;
  /** SHA-256 over what of it counts. */
  contentDigest: string;
  createdAt: Date;
  tests: number;
  failed: number;
  checkedAt: Date | null;
  isOwned: boolean;
  /** Parts of the card of its model that are empty. */
  cardLacks: readonly string[];
  /** null: the card says none of the tiers. */
  tier: string | null;
}

interface AssetFacts {
  id: string;
  contentDigest: string;
  isOwned: boolean;
  /** What its properties say it is for; null: nothing. */
  purpose: string | null;
}

/** How a model version was evaluated. */
export interface Evaluations {
  /** null: it never was. */
  evaluatedAt: Date | null;
  /** null: nobody knows by what it was judged. */
  shared: readonly { id: string; assetId: string }[] | null;
}

/** What the graph says, as it is within the transaction. */
export interface GraphFacts {
  versions: ReadonlyMap<string, VersionFacts>;
  assets: ReadonlyMap<string, AssetFacts>;
  retiredBases: readonly { id: string; assetId: string }[];
  /** null: nobody knows who wrote the code. */
  codeAuthors: readonly string[] | null;
}

export interface FactsAsked {
  versionIds: readonly string[];
  assetIds: readonly string[];
  /** Transformations that are to run. */
  codeIds: readonly string[];
}

/** Reads what is so, for whoever decides by it. */
export class FactsRepository {
  async gather(statements: Statements, asked: FactsAsked, now: Date): Promise<GraphFacts> {
    const [row] = await statements.run(cypher.GATHER_FACTS, { ...asked, asOf: now, knownAt: now });
    if (!row) throw new Error('governance.gatherFacts returned no row.');
    const versions = row.rows('versions').map(decodeVersion);
    const assets = row.rows('assets').map(decodeAsset);
    const codeIsKnown = asked.codeIds.length > 0 || row.texts('makers').length > 0;
    return {
      versions: new Map(versions.map((each) => [each.id, each])),
      assets: new Map(assets.map((each) => [each.id, each])),
      retiredBases: row.rows('retiredBases').map((each) => ({ id: each.text('id'), assetId: each.text('assetId') })),
      codeAuthors: codeIsKnown ? [...new Set([...row.texts('authors'), ...row.texts('launchers')])].sort() : null,
    };
  }

  /** How a model version was evaluated, and what of that it was made from. */
  async evaluations(statements: Statements, versionId: string, now: Date): Promise<Evaluations> {
    const [row] = await statements.run(cypher.EVALUATIONS, { versionIds: [versionId], asOf: now, knownAt: now });
    const isJudged = row !== undefined && row.int('judges') > 0;
    return {
      evaluatedAt: row?.maybeTime('evaluatedAt') ?? null,
      shared: isJudged
        ? row.rows('shared').map((each) => ({ id: each.text('id'), assetId: each.text('assetId') }))
        : null,
    };
  }

  /** The way to each end, where there is one. */
  async witnesses(
    statements: Statements,
    versionIds: readonly string[],
    ends: readonly { fact: string; at: string }[],
    now: Date,
  ): Promise<Witness[]> {
    if (ends.length === 0) return [];
    const rows = await statements.run(cypher.WITNESSES, { versionIds, ends, asOf: now, knownAt: now });
    return rows.map((row) => ({ fact: row.text('fact'), steps: row.rows('steps').map(decodeStep) }));
  }

  /** The ways that had to be followed, from what went in to where each began. */
  async ways(statements: Statements, origins: readonly FactOrigin[]): Promise<Witness[]> {
    const followed = origins.flatMap(({ fact, way }) => (way ? [{ fact, way }] : []));
    if (followed.length === 0) return [];
    const ids = [...new Set(followed.flatMap(({ way }) => way.map(({ id }) => id)))];
    const found = (await statements.run(cypher.WAY_STEPS, { ids })).map(decodeStep);
    const steps = new Map(found.map((step) => [step.id, step]));
    return followed.map(({ fact, way }) => ({
      fact,
      steps: way.toReversed().flatMap(({ id, field }) => {
        const step = steps.get(id);
        return step ? [field === null ? step : { ...step, field }] : [];
      }),
    }));
  }
}

const sha256 = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

function decodeVersion(row: Row): VersionFacts {
  const [id, digest] = [row.text('id'), row.maybeText('digest')];
  return {
    ...{ id, assetId: row.text('assetId'), digest, createdAt: row.time('createdAt') },
    contentDigest: sha256({ id, digest, uri: row.maybeText('uri') }),
    ...{ tests: row.int('tests'), failed: row.int('failed'), checkedAt: row.maybeTime('checkedAt') },
    isOwned: row.flag('owned'),
    ...cardIn(row.json('properties')),
  };
}

const CARD = ['intendedUse', 'limitations', 'trainingData', 'evaluation', 'risks', 'oversight', 'contact'];
const TIERS = ['HIGH', 'MEDIUM', 'LOW'];

const textIn = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null;

/** The card of a model: what its properties say under `modelCard`. */
function cardIn(properties: Readonly<Record<string, unknown>>): { cardLacks: readonly string[]; tier: string | null } {
  const given = properties['modelCard'];
  const card: Readonly<Record<string, unknown>> = typeof given === 'object' && given !== null ? { ...given } : {};
  const tier = textIn(card['tier']);
  return {
    cardLacks: CARD.filter((part) => textIn(card[part]) === null),
    tier: tier !== null && TIERS.includes(tier) ? tier : null,
  };
}

function decodeAsset(row: Row): AssetFacts {
  const [id, codeRef, environment] = [row.text('id'), row.maybeText('codeRef'), row.maybeText('environment')];
  return {
    id,
    contentDigest: sha256({ id, codeRef, environment }),
    isOwned: row.flag('owned'),
    purpose: textIn(row.json('properties')['purpose']),
  };
}

const KINDS = ['VERSION', 'RUN', 'ASSET'] as const;

const decodeStep = (row: Row): WitnessStep => ({
  kind: KINDS.find((kind) => kind === row.text('kind')) ?? 'ASSET',
  id: row.text('id'),
  assetId: row.text('assetId'),
});
