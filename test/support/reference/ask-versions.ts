import { type Asked, clocks, type Comparison, idsOf, same, standpoint, stepArguments, type World } from './asking.js';
import type { Steps } from './events.js';
import type { Answer } from './walk.js';

interface ServerProvenance {
  versions: { id: string }[];
  runs: { id: string }[];
  edges: { source: string; target: string }[];
  completeness: Answer['completeness'];
}

/** The provenance of every version. */
export function askProvenance(asked: Asked & { walk: Steps }, world: World): Comparison | null {
  const { model, replay } = world;
  const versions = [...model.versions.keys()];
  if (versions.length === 0) return null;
  const given = [...stepArguments(asked.walk), ...clocks(asked, world)].join(', ');
  const selected = `provenance(${given}) { versions { ... on Node { id } } runs { id } edges { source target }
    completeness { complete hiddenNodes cutByDepth cutByPage } }`;
  return {
    field: `nodes(ids: ${idsOf(versions, world)}) { ... on DatasetVersion { ${selected} } ... on ModelVersion { ${selected} } }`,
    answers: versions.length,
    check: (answer) => {
      for (const [place, version] of versions.entries()) {
        const answered = (answer as ({ provenance: ServerProvenance } | null)[])[place];
        const question = { roots: [version], ...asked.walk, ...standpoint(asked, model) };
        const wanted = model.provenance(question, question);
        same(question, answered ? shapeOf(answered.provenance, world) : null, wanted && provenanceOf(wanted));
      }
    },
  };

  /** A hidden member is "?", whatever its key. */
  function shapeOf({ versions, runs, edges, completeness }: ServerProvenance, { model }: World) {
    const known = (id: string): string =>
      model.versions.has(replay.name(id)) || model.runs.has(replay.name(id)) ? replay.name(id) : '?';
    return {
      members: [...versions, ...runs].map(({ id }) => known(id)).sort(),
      edges: edges.map(({ source, target }) => `${known(source)} > ${known(target)}`).sort(),
      completeness,
    };
  }
}

function provenanceOf({ nodes, edges, completeness }: Answer) {
  const hidden = nodes.filter((node) => node.hidden).map((node) => node.asset);
  const known = (member: string): string => (hidden.includes(member) ? '?' : member);
  return {
    members: nodes
      .map((node) => node.asset)
      .filter((member) => !hidden.includes(member))
      .sort(),
    edges: edges.map(({ source, target }) => `${known(source)} > ${known(target)}`).sort(),
    completeness,
  };
}

interface ServerTrainedOn {
  edges: { distance: number; node: { id: string }; hiddenRuns: number; runs: { id: string }[] }[];
  totalCount: number;
  completeness: Answer['completeness'];
}

/** Which versions of data sets a version of a model was trained on. Not asked of whom the model is hidden from. */
export function askTrainedOn(asked: Asked & { version: number }, world: World): Comparison | null {
  const { model, replay } = world;
  const at = standpoint(asked, model);
  const models = [...model.versions].filter(
    ([, { asset }]) => model.assets.kind(asset) === 'MODEL' && model.assets.isVisible(asset, at.viewer),
  );
  const version = models[asked.version % models.length]?.[0];
  if (version === undefined) return null;
  const given = [`modelVersion: "${replay.id(version)}"`, ...clocks(asked, world)].join(', ');
  return {
    field: `trainedOn(${given}) { totalCount completeness { complete hiddenNodes cutByDepth cutByPage }
      edges { distance node { id } runs { id } hiddenRuns } }`,
    answers: 1,
    check: (answer) => {
      const { edges, totalCount, completeness } = answer as ServerTrainedOn;
      const data = edges.map(({ distance, node, runs, hiddenRuns }) => {
        const through = runs.map(({ id }) => replay.name(id)).sort();
        return `${distance} ${replay.name(node.id)} by ${through.join()} and ${hiddenRuns} more`;
      });
      const given = { data: data.sort(), totalCount, completeness };
      same({ trainedOn: version, ...at }, given, trainedOn(version, at, world));
    },
  };
}

function trainedOn(version: string, at: ReturnType<typeof standpoint>, { model }: World) {
  const walk = { roots: [version], direction: 'UPSTREAM' as const, depth: 10_000 };
  const { nodes, edges } = model.provenance(walk, at) ?? { nodes: [], edges: [] };
  const data = nodes.filter(({ asset }) =>
    model.assets.ofKind('DATASET').includes(model.versions.get(asset)?.asset ?? ''),
  );
  const seen = data.filter((node) => !node.hidden);
  const hiddenNodes = data.length - seen.length;
  const isHidden = (member: string): boolean => nodes.some((node) => node.asset === member && node.hidden);
  return {
    data: seen
      .map(({ asset, depth }) => {
        const readers = edges.filter((edge) => edge.source === asset).map((edge) => edge.target);
        const through = readers.filter((run) => !isHidden(run)).sort();
        return `${depth} ${asset} by ${through.join()} and ${readers.length - through.length} more`;
      })
      .sort(),
    totalCount: seen.length,
    completeness: { complete: hiddenNodes === 0, hiddenNodes, cutByDepth: 0, cutByPage: false },
  };
}
