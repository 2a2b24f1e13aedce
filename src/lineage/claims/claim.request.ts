import { type Actor, actorId, administers } from '../../auth/actor.js';
import { beyondJobs, beyondNamespaces } from '../../auth/report-limits.js';
import { may } from '../../auth/rights.js';
import { partsOfUrn } from '../../catalog/model/urn.js';
import { badInput, forbidden } from '../../errors.js';
import type { ClaimLineageInput, RetractLineageInput } from './claim.input.js';
import { FEEDS, type Flow, OWN_SOURCES } from '../statements/claim.js';
import type { FlowEnd } from '../statements/claim.repository.js';

const MAX_SOURCE = 200;

/** The transformation or deployment that flows are about; who owns it says what it reads and writes. */
export type Subject = Pick<FlowEnd, 'id' | 'urn' | 'rights'>;

/** What events are stated in the name of: the id of the account stands behind it. */
const OF_EVENTS = 'openlineage:';

/**
 * Who a claim is made in the name of; neither Weftline's own names nor that of another account can be borrowed. Throws BAD_USER_INPUT or
 * FORBIDDEN.
 */
export function claimSourceOf(actor: Actor, given: string): string {
  const source = namedSource(given);
  if (source.toLowerCase().startsWith(OF_EVENTS) && source !== `${OF_EVENTS}${actorId(actor)}`)
    throw forbidden(
      `The claim source ${JSON.stringify(source)} is that of another account: what begins with "${OF_EVENTS}" is what an account reports by events. Choose another name.`,
    );
  return source;
}

/** Throws BAD_USER_INPUT. */
function namedSource(given: string): string {
  const source = given.trim();
  const length = [...source].length;
  if (length === 0) throw badInput('`claimSource` is empty. Name who states it: a producer, a tool, or "manual".');
  if (length > MAX_SOURCE)
    throw badInput(`\`claimSource\` has ${length} characters; at most ${MAX_SOURCE} are possible.`);
  if (!source.isWellFormed() || /\p{Cc}/u.test(source))
    throw badInput('`claimSource` has a control character or is not valid Unicode. Use printable characters.');
  if (source.toLowerCase().startsWith(OWN_SOURCES))
    throw badInput(`Claim sources that begin with "${OWN_SOURCES}" are made by Weftline itself. Choose another name.`);
  return source;
}

/** The source of what is taken back: what another account reported by events, only an ADMIN takes back. Throws as `claimSourceOf`. */
export const retractedSourceOf = (actor: Actor, given: string): string =>
  administers(actor) ? namedSource(given) : claimSourceOf(actor, given);

/** Refuses a report whose parts do not fit together. Throws BAD_USER_INPUT. */
export function checkScope({
  scope,
  run,
  transformation,
  flows,
}: Pick<ClaimLineageInput, 'scope' | 'run' | 'transformation'> & { flows: readonly unknown[] }): void {
  if (scope === 'RUN' && run == null) throw badInput('Scope RUN says all that is known of one run: name it in `run`.');
  if (transformation != null && scope !== 'TRANSFORMATION')
    throw badInput('`transformation` is for scope TRANSFORMATION; otherwise the flows say what they are about.');
  if (flows.length > 0) return;
  if (scope === 'FLOWS')
    throw badInput('Name at least one flow. To say that there is none any more, use scope RUN or TRANSFORMATION.');
  if (scope === 'TRANSFORMATION' && transformation == null && run == null)
    throw badInput('Without flows, name in `transformation` what nothing is known of any more.');
}

/** Which of its four selections a retraction makes. Throws BAD_USER_INPUT when it makes none, or several. */
export function selectionOf(
  input: Pick<RetractLineageInput, 'run' | 'transformation' | 'everything'> & { flows?: readonly unknown[] | null },
): 'flows' | 'run' | 'transformation' | 'everything' {
  const made = (['flows', 'run', 'transformation', 'everything'] as const).filter(
    (name) => input[name] != null && input[name] !== false,
  );
  const [selection, another] = made;
  if (selection === undefined || another !== undefined) {
    const given = made.length === 0 ? 'None is given' : `${made.map((name) => `\`${name}\``).join(' and ')} are given`;
    throw badInput(
      `Say with one of \`flows\`, \`run\`, \`transformation\` and \`everything\` what is taken back. ${given}.`,
    );
  }
  return selection;
}

/** One flow, under the names that were given, and what it is about. Throws BAD_USER_INPUT for what cannot flow, FORBIDDEN without EDIT. */
export function checkFlow(actor: Actor, source: FlowEnd, target: FlowEnd): Flow & { subject: FlowEnd } {
  if (source.id === target.id)
    throw badInput(`${source.urn} cannot feed itself. A job that overwrites its input is a transformation in between.`);
  if (!FEEDS[source.kind].includes(target.kind)) {
    throw badInput(
      `A ${source.kind} cannot feed a ${target.kind} (${source.urn} to ${target.urn}). A ${source.kind} can feed a ${FEEDS[source.kind].join(' or a ')}.`,
    );
  }
  const subject = isProcessing(source) ? source : target;
  checkEditable(actor, subject);
  if (subject === source) checkWritable(actor, target);
  return { source: source.said, target: target.said, subject };
}

const memberOf =
  (urn: string) =>
  (member: 'namespace' | 'name'): string =>
    `The ${member} of ${urn}`;

/** Throws FORBIDDEN where the token in hand may not say that something is written into it. */
export function checkWritable(actor: Actor, { urn }: Pick<FlowEnd, 'urn'>): void {
  const beyond = beyondNamespaces(actor.reportLimits, partsOfUrn(urn), memberOf(urn));
  if (beyond) throw beyond;
}

/** Throws FORBIDDEN when the actor, or the token in hand, may not say what it reads and writes. */
export function checkEditable(actor: Actor, subject: Subject): void {
  if (!may(actor, subject.rights, 'EDIT'))
    throw forbidden(`You may not EDIT ${subject.urn}. Who owns it says what it reads and writes.`);
  const beyond = beyondJobs(actor.reportLimits, partsOfUrn(subject.urn), memberOf(subject.urn));
  if (beyond) throw beyond;
}

/** Throws BAD_USER_INPUT for an asset that processes nothing. */
export function checkProcessing(end: FlowEnd): void {
  if (!isProcessing(end))
    throw badInput(
      `${end.urn} is a ${end.kind}; in \`transformation\` name a TRANSFORMATION or DEPLOYMENT: these read and write.`,
    );
}

function isProcessing({ kind }: FlowEnd): boolean {
  return kind === 'TRANSFORMATION' || kind === 'DEPLOYMENT';
}
