/** What producers said of an asset, for people to read: of each source what it said last, the newest first. */
import type { Facets } from '../event/event.js';
import { dataSourceOf, documentationOf, sourceCodeLocationOf, sourceCodeOf, sqlOf, tagsOf } from './telling-facets.js';
import { datasetTypeOf, jobTypeOf, ownersOf } from '../event/facets.js';
import { OPEN_FACETS, WITHHELD_FACET } from '../../lineage/runs/open-facets.js';
import { withoutSecrets } from './addresses.js';

/** By whom and when something was said. */
export interface Said {
  /** Id of the account that reported it. */
  reportedById: string;
  producer: string;
  saidAt: Date;
}

/** A facet as it is kept. */
export interface SaidFacet extends Said {
  name: string;
  body: Record<string, unknown>;
}

/** Something that was said, as a type of the schema. */
type Shown<T> = Said & T & { __typename: string };

export type Reported = ReturnType<typeof reportedIn>;

/** The facets that all of it is read from. */
export const TELLING = [
  ...['documentation', 'ownership', 'tags', 'datasetType', 'dataSource', 'jobType', 'sourceCodeLocation'],
] as const;

/** The facets in which code is. */
export const CODE = ['sql', 'sourceCode'] as const;

/** Characters of a text that people read; as of a description that is written by hand. */
const MOST_OF_A_TEXT = 10_000;
/** Of a name, a word or an address. */
const MOST_OF_A_LINE = 2_000;
/** Owners or tags that one source said of one asset. */
const MOST_IN_A_LIST = 200;

export function reportedIn(facets: readonly SaidFacet[]) {
  const each = <T extends object>(name: string, of: (said: { facets: Facets }) => readonly T[], type: string) =>
    facets
      .filter((facet) => facet.name === name)
      .flatMap((facet) =>
        of({ facets: { [name]: facet.body } })
          .slice(0, MOST_IN_A_LIST)
          .map((said): Shown<T> => ({ ...saidBy(type, facet), ...said })),
      );
  return {
    descriptions: each('documentation', (of) => list(documentationOf(of), asDescription), 'ReportedDescription'),
    owners: each('ownership', (of) => ownersOf(of).map(cut), 'ReportedOwner'),
    tags: each('tags', (of) => tagsOf(of).map(({ source, ...tag }) => cut({ ...tag, saidIn: source })), 'ReportedTag'),
    types: each('datasetType', (of) => list(datasetTypeOf(of), cut), 'ReportedDatasetType'),
    dataSources: each('dataSource', (of) => list(dataSourceOf(of), asDataSource), 'ReportedDataSource'),
    jobTypes: each('jobType', (of) => list(jobTypeOf(of), cut), 'ReportedJobType'),
    codeLocations: each(
      'sourceCodeLocation',
      (of) => list(sourceCodeLocationOf(of), asLocation),
      'ReportedCodeLocation',
    ),
  };
}

/** What stands in place of code that is not for who asks. */
const WITHHELD_CODE = 'Withheld: code of a job is for who may EDIT it.';

/** The code of a job: SQL, and code in other languages; its text for those alone who may read it. */
export function codeIn(facets: readonly SaidFacet[], mayRead: boolean) {
  return facets.flatMap((facet) => {
    const of = { facets: { [facet.name]: facet.body } as Facets };
    const code = facet.name === 'sql' ? sqlOf(of) : sourceCodeOf(of);
    const language = code?.language == null ? null : line(code.language);
    if (!code) return [];
    const text = mayRead ? { text: code.text, withheld: null } : { text: null, withheld: WITHHELD_CODE };
    return [{ ...saidBy('ReportedCode', facet), isSql: facet.name === 'sql', language, ...text }];
  });
}

const saidBy = (type: string, { reportedById, producer, saidAt }: Said) => ({
  __typename: type,
  ...{ reportedById, producer, saidAt },
});

const list = <T, U>(said: T | null, show: (said: T) => U): U[] => (said === null ? [] : [show(said)]);

const asDescription = ({ text, contentType }: { text: string; contentType: string | null }) => ({
  text: firstOf(text, MOST_OF_A_TEXT),
  contentType: contentType === null ? null : line(contentType),
});

const asDataSource = ({ name, uri }: { name: string | null; uri: string | null }) =>
  cut({ name: name === null ? null : withoutSecrets(name), uri: uri === null ? null : withoutSecrets(uri) });

function asLocation(of: NonNullable<ReturnType<typeof sourceCodeLocationOf>>) {
  const { type, url, repoUrl, path, version: revision, tag, branch } = of;
  const repository = repoUrl === null ? null : withoutSecrets(repoUrl);
  return cut({ type, url: withoutSecrets(url), repository, path, revision, tag, branch });
}

/** The texts of an object, none longer than a line. */
function cut<T extends object>(said: T): T {
  return Object.fromEntries(
    Object.entries(said).map(([key, value]) => [key, typeof value === 'string' ? line(value) : (value as unknown)]),
  ) as T;
}

const line = (text: string): string => firstOf(text, MOST_OF_A_LINE);

/** In Unicode code points: half of a pair is no character. */
const firstOf = (text: string, most: number): string =>
  text.length <= most ? text : [...text.slice(0, 2 * most)].slice(0, most).join('');

/** A facet as it came, its body for those alone who may read it. */
export function facetShown({ name, body, ...said }: SaidFacet, mayRead: boolean) {
  const { _schemaURL: schema } = body;
  const shown = mayRead || OPEN_FACETS.has(name) ? { body, withheld: null } : { body: null, withheld: WITHHELD_FACET };
  return {
    ...saidBy('ReportedFacet', said),
    ...{ name, schemaUrl: typeof schema === 'string' ? line(schema) : null, ...shown },
  };
}
export type ShownFacet = ReturnType<typeof facetShown>;
