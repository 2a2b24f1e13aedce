import type { Actor } from '../../auth/actor.js';
import { assetNotFound } from '../../catalog/assets/asset.service.js';
import { effectiveCatalogTime, clocksOf, type ClocksAsked } from '../../catalog/model/as-of.js';
import { badInput, notFound } from '../../errors.js';
import { checkPageSize } from '../../graphql/page.js';
import type { ListCursors, SealedCursors } from '../../graphql/sealed-cursor.js';
import type { Answered, ServedTraining, TrainedOn, VersionsOf } from './trained-on.js';
import type { AnsweredFrom, TrainedOnRepository, Window } from './trained-on.repository.js';

/** What is asked, beside the clocks: an asset, or one version of it by its name, or a version by its id. */
export interface VersionQuestion extends ClocksAsked {
  asset?: string | null | undefined;
  named?: string | null | undefined;
  version?: string | null | undefined;
  first: number;
  after?: string | null | undefined;
}

/** A page whose rows have a cursor each. */
export interface Found<T> extends Answered<T> {
  edges: (T & { cursor: string })[];
}

/** What was trained on what, at any remove, and where it serves. */
export class TrainedOnService {
  constructor(
    private readonly rows: TrainedOnRepository,
    private readonly cursors: SealedCursors,
    private readonly now: () => Date,
  ) {}

  /** The data a model version, or any version of a model, was trained on. Throws NOT_FOUND or BAD_USER_INPUT. */
  async trainedOn(actor: Actor, question: VersionQuestion): Promise<Found<TrainedOn>> {
    const of = versionsOf(question, 'model', 'modelVersion');
    const now = this.now();
    const clocks = { ...clocksOf(actor, question, now), then: effectiveCatalogTime(actor, question, now) };
    const cursors = this.cursorsOf('trainedOn', question);
    const answer = await this.rows.trainedOn(actor, of, clocks, windowOf(cursors, question));
    return present(cursors, checkStart(answer, of, 'MODEL'), (node) => [node.distance, node.version.id]);
  }

  /**
   * The releases that served something trained on a data set version, or on any version of a data set: at `asOf`, or at any
   * time when it is null. Throws NOT_FOUND or BAD_USER_INPUT.
   */
  async deployments(actor: Actor, question: VersionQuestion): Promise<Found<ServedTraining>> {
    const of = versionsOf(question, 'dataset', 'datasetVersion');
    const now = this.now();
    const clocks = { ...clocksOf(actor, question, now), then: effectiveCatalogTime(actor, question, now) };
    const servedAt = question.asOf ? clocks.asOf : null;
    const cursors = this.cursorsOf('deploymentsTrainedOn', question);
    const answer = await this.rows.deployments(actor, of, { ...clocks, servedAt }, windowOf(cursors, question));
    const placeOf = (node: ServedTraining): [number, string] => [node.distance, node.release.id];
    return present(cursors, checkStart(answer, of, 'DATASET'), placeOf);
  }

  private cursorsOf(list: string, { asset, named, version, asOf, knownAt }: VersionQuestion): ListCursors {
    return this.cursors.of(list, [asset, named, version, asOf, knownAt]);
  }
}

function windowOf(cursors: ListCursors, { first, after }: VersionQuestion): Window {
  checkPageSize(first);
  if (after == null) return { first, after: null };
  const [depth, id] = cursors.open(after);
  if (typeof depth !== 'number' || typeof id !== 'string')
    throw new TypeError('A cursor of versions holds no version.');
  return { first, after: { depth, id } };
}

function present<T>(cursors: ListCursors, answer: Answered<T>, placeOf: (node: T) => [number, string]): Found<T> {
  return { ...answer, edges: answer.nodes.map((node) => ({ ...node, cursor: cursors.seal(placeOf(node)) })) };
}

function versionsOf({ asset, named, version }: VersionQuestion, assetName: string, versionName: string): VersionsOf {
  if ((asset == null) === (version == null))
    throw badInput(
      `Give either \`${assetName}\`, for all its versions or with \`version\` for one of them, or \`${versionName}\`.`,
    );
  if (asset != null) return { asset, named: named ?? null };
  if (named != null)
    throw badInput(`Give \`version\` beside \`${assetName}\`; \`${versionName}\` says already which one.`);
  return { version: version ?? '' };
}

/** The same words for what does not exist and for what the caller may not know of. */
function checkStart<T>(answer: AnsweredFrom<T> | null, of: VersionsOf, kind: 'DATASET' | 'MODEL'): Answered<T> {
  const given = 'version' in of ? of.version : of.asset;
  if (!answer) {
    throw 'asset' in of ? assetNotFound(given) : notFound(`There is no version ${given}, or you may not know of it.`);
  }
  const what = 'version' in of ? 'a version of a' : 'a';
  if (answer.kind !== kind) throw badInput(`${given} is ${what} ${answer.kind}; ${what} ${kind} is needed here.`);
  if ('asset' in of && of.named !== null && answer.versions === 0)
    throw notFound(`There is no version "${of.named}" of ${given}. Its \`versions\` tell which there are.`);
  return answer;
}
