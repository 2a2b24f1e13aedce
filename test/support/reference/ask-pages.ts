import type { Client } from '../client.js';
import { type Asked, clocks, idsOf, same, standpoint, type World } from './asking.js';
import { ANSWER, fromModel, fromServer, type ServerAnswer } from './lineage-comparison.js';
import { argumentsOf, type AskedWalk, walkOf } from './walk-question.js';

export type AskedPages = Asked & AskedWalk & { roots: number[]; first: number };

interface Page extends ServerAnswer {
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/**
 * The lineage of several assets together, page by page: all pages make up the one answer of the model, each node and each
 * edge once, and each page says of the whole what the whole would. How many answers were compared.
 */
export async function comparePages(asked: AskedPages, world: World, client: Client): Promise<number> {
  const { model, replay } = world;
  const names = model.assets.names();
  const roots = [...new Set(asked.roots.map((root) => names[root % names.length] ?? ''))];
  const question = { roots, ...walkOf(asked, world), ...standpoint(asked, model) };
  const given = [`of: ${idsOf(roots, world)}`, ...argumentsOf(question, replay), ...clocks(asked, world)].join(', ');
  const query = `query ($first: Int!, $after: String) {
    lineage(${given}, first: $first, after: $after) { ...Answer pageInfo { hasNextPage endCursor } } } ${ANSWER}`;
  const known = roots.every((root) => model.assets.at(root, question.knownAt) !== null);
  const wanted = known ? model.lineage(question, question) : null;
  if (wanted === null) {
    same(question, await client.code(query, { first: asked.first }), 'NOT_FOUND');
    return 1;
  }
  const pages: Page[] = [];
  let after: string | null = null;
  do {
    const { lineage: page }: { lineage: Page } = await client.data(query, { first: asked.first, after });
    pages.push(page);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    if (after !== null) same({ ...question, page: pages.length }, page.nodes.length, asked.first);
  } while (after !== null);
  const { completeness, ...whole } = fromModel(withoutRim(wanted), model, question);
  const cutByPage = pages.length > 1;
  const complete = completeness.complete && !cutByPage;
  const expected = { ...whole, completeness: { ...completeness, cutByPage, complete } };
  same(question, fromServer(pages.map(withoutRim), replay), expected);
  for (const { totalCount, completeness, facets } of pages)
    same({ ...question, of: 'each page' }, { totalCount, completeness, facets }, ofWhole(pages[0]));
  return pages.length;
}

const ofWhole = (page: Page | undefined) =>
  page && { totalCount: page.totalCount, completeness: page.completeness, facets: page.facets };

/** Without what lies beyond the rim: each page counts all that is on no page up to it. */
function withoutRim<T extends { nodes: { moreUpstream: number; moreDownstream: number }[] }>(answer: T): T {
  return { ...answer, nodes: answer.nodes.map((node) => ({ ...node, moreUpstream: 0, moreDownstream: 0 })) };
}
