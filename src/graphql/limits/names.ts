/**
 * Which arguments and input fields are names, that come in one spelling (spelling.ts): here and not in the services, so that what
 * is looked for is spelt as what is kept, and no resolver forgets it.
 */
import { spelt, speltTag } from '../../spelling.js';
import type { Coordinate } from './text-limits.js';

/** How a name comes in. */
export interface Spelling {
  spell: (text: string) => string;
  /** Whether one that holds what nobody sees is refused. */
  refused: boolean;
}

const NAME: Spelling = { spell: spelt, refused: true };
/** A service refuses it, telling of which item of a batch it is. */
const TOLD_LATER: Spelling = { spell: spelt, refused: false };
const TAG: Spelling = { spell: speltTag, refused: true };
const TAGS: Spelling = { spell: speltTag, refused: false };
/** A part of a name that is looked for: its blanks may be what is looked for. */
const PART: Spelling = { spell: (text) => text.normalize('NFC'), refused: false };

/** By coordinate, or else by the name of the argument or field. */
const NAMES: Readonly<Record<string, Spelling>> = {
  assertion: NAME,
  contains: PART,
  environment: NAME,
  field: NAME,
  handle: NAME,
  name: NAME,
  nameContains: PART,
  namespace: NAME,
  namespaces: NAME,
  tag: TAG,
  newTag: TAG,
  addTags: TAGS,
  removeTags: TAGS,
  tags: TAGS,
  version: NAME,
  'FieldInput.name': TOLD_LATER,
  'FieldPairInput.source': NAME,
  'FieldPairInput.target': NAME,
  'RegisterDatasetInput.name': TOLD_LATER,
  'RegisterDatasetInput.namespace': TOLD_LATER,
  'RegisterTransformationInput.name': TOLD_LATER,
  'RegisterTransformationInput.namespace': TOLD_LATER,
  'RegisterModelInput.name': TOLD_LATER,
  'RegisterModelInput.namespace': TOLD_LATER,
  'RegisterDeploymentInput.name': TOLD_LATER,
  'RegisterDeploymentInput.namespace': TOLD_LATER,
};

/** null: it is no name. */
export const spellingOf = ({ path, name }: Coordinate): Spelling | null => NAMES[path] ?? NAMES[name] ?? null;
