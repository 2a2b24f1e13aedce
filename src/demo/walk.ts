import { join } from 'node:path';
import type { DemoClient } from './client.js';
import { DataTeam } from './data-team.js';
import { DbtModels } from './dbt-models.js';
import { type DbtProgram, layOutProject } from './dbt-program.js';
import { replay } from './decisions.js';
import type { Display } from './display.js';
import { type Cast, gatherCast } from './people.js';
import { enforcePolicies } from './policies.js';
import { ScienceTeam } from './science-team.js';
import { trace } from './trace.js';

/**
 * Walks the whole line, from a raw file to a served model and back, through the public API only. What an earlier walk
 * has made, also one that was interrupted, is found and used. Gives who took part.
 */
export async function walk(
  admin: DemoClient,
  {
    home,
    needsSecond,
    dbt,
  }: {
    home: string;
    /** Activating policies takes the words of two. */
    needsSecond: boolean;
    /** What makes the data to go on with out of the raw file; null: that is prepared as it is. */
    dbt: DbtProgram | null;
  },
  display: Display,
): Promise<Cast> {
  const cast = await display.step('Two teams and three people, each with a token', async () => {
    const { cast: value, made } = await gatherCast(admin, join(home, 'demo.json'));
    return { value, note: made ? 'Dana (data team), Sami and Noor (science team)' : 'all there from an earlier run' };
  });
  const dataTeam = new DataTeam(cast, display, join(home, 'demo'));
  const scienceTeam = new ScienceTeam(cast, display);
  const project = dbt && layOutProject(join(home, 'demo', 'dbt'));
  const models = project && new DbtModels(admin, cast, display, dbt, project);
  await models?.claimNamespaces();
  const raw = await dataTeam.registerRaw(project?.source);
  await dataTeam.label(raw.asset);
  const plan = await scienceTeam.plan(await dataTeam.prepare((await models?.build(raw.path)) ?? raw));
  await scienceTeam.askForData(plan);
  const deployment = await scienceTeam.registerDeployment();
  const decidedAbout = { 'train-classifier': plan.transformation, 'penguin-api': deployment };
  const isDecided = await enforcePolicies(admin, decidedAbout, needsSecond, display);
  const forbidden = isDecided ? await scienceTeam.launchForOtherPurpose(plan) : [];
  const release = await scienceTeam.deploy(await scienceTeam.train(plan), deployment);
  if (isDecided) await replay(cast.noor.client, [...forbidden, ...release.decisions], display);
  await trace(cast.noor.client, deployment, raw.asset, display);
  return cast;
}
