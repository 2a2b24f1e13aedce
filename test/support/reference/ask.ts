import { type Asked, clocks, type Comparison, idsOf, same, standpoint, type World } from './asking.js';
import { FACTS, factsOf, type ServerFacts, told } from './facts.js';
import { fromModel, fromServer, type ServerAnswer } from './lineage-comparison.js';
import { argumentsOf, type AskedWalk, walkOf } from './walk-question.js';

/** The lineage of every asset. */
export function askLineage(asked: Asked & AskedWalk, world: World): Comparison {
  const { model, replay } = world;
  const walk = walkOf(asked, world);
  const given = [...argumentsOf(walk, replay), ...clocks(asked, world)].join(', ');
  const assets = model.assets.names();
  return {
    field: `nodes(ids: ${idsOf(assets, world)}) { ... on Asset { lineage(${given}) { ...Answer } } }`,
    answers: assets.length,
    check: (answer) => {
      for (const [place, asset] of assets.entries()) {
        const answered = (answer as ({ lineage: ServerAnswer } | null)[])[place];
        const question = { roots: [asset], ...walk, ...standpoint(asked, model) };
        const wanted = model.lineage(question, question);
        const given = answered ? fromServer([answered.lineage], replay) : null;
        same(question, given, wanted && fromModel(wanted, model, question));
      }
    },
  };
}

/** What an asset was. */
export function askFacts(asked: Asked & { asset: number }, world: World): Comparison {
  const { model, replay } = world;
  const at = standpoint(asked, model);
  const names = model.assets.names();
  const asset = names[asked.asset % names.length] ?? '';
  const given = [`ref: "${replay.id(asset)}"`, ...clocks(asked, world)].join(', ');
  return {
    field: `asset(${given}) { ${FACTS} }`,
    answers: 1,
    check: (answer) => {
      const facts = model.asset(asset, at);
      const wanted = facts && factsOf(facts);
      same({ facts: asset, ...at }, answer && told(answer as ServerFacts, replay), wanted);
    },
  };
}
